"""What the command line offers to choose from: names and limits that its help shows before anything else is loaded."""

from __future__ import annotations

from typing import Final

__all__ = ["FREEST", "METHODS", "MOST_WORDS", "PARSED_FORMATS", "SEGMENTED_FORMATS"]

#: How `WordFinder` can find words; the first one is the default.
METHODS: Final = ("entropy", "pmi", "joint")
#: How segmented text can be written.
SEGMENTED_FORMATS: Final = ("text", "jsonl", "tags")
#: How parsed text can be written.
PARSED_FORMATS: Final = ("tree", "jsonl")
#: Share of the longest filler that the fillers of a slot must have, for the slot to be kept by `TemplateParser`.
FREEST: Final = 0.9
#: Words of a term that can be asked for.
MOST_WORDS: Final = 16
