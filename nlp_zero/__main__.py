"""``python -m nlp_zero`` is ``nlp-zero``: one command in a process of its own."""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["main"]


def main() -> int:
    """Run the command that the process was started with; returns its exit status."""
    # Work is done by one thread unless --jobs says otherwise. Those of numpy's linear algebra would wait for work in
    # loops, and how many they are would show in the last digits. Numpy reads this when it is first imported.
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    gc.set_threshold(100_000, 20, 20)  # we make lists of many words and hardly a cycle
    from .cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
