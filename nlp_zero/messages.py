"""Messages of the command line to whoever runs it."""

from __future__ import annotations

import sys
from typing import TextIO

__all__ = ["say", "shown"]


def say(message: str) -> None:
    """One line for the user on stderr, whatever its encoding can show."""
    if sys.stderr is not None:
        line = f"nlp-zero: {' '.join(message.split())}\n"
        sys.stderr.write(shown(line, sys.stderr))
        sys.stderr.flush()


def shown(text: str, stream: TextIO) -> str:
    """The text, with what a console of another encoding cannot show written out."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
