"""Floor 6: the vocabulary of a domain: candidates, their evidence and ranking, word vectors, and a page to review."""
