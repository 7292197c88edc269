"""Words: the lexicon, finding it, and segmenting with it."""
