"""Exact counts, and what they say about how strongly symbols stand together."""
