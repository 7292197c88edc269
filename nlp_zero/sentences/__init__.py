"""Sentences: the templates that they are made of, finding these, and parsing with them."""
