"""Reading text: files, encodings, character classes."""
