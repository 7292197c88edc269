"""``python -m nlp_zero`` is ``nlp-zero``: one command in a process of its own."""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["main"]


def main() -> int:
    """Run the command that the process was started with; returns its exit status."""
    # Work is done by one thread unless --jobs says otherwise: those of numpy's linear algebra would wait for work in
    # loops. Numpy reads this when it is first imported; whoever has said how many threads there are is heard.
    if "OMP_NUM_THREADS" not in os.environ:
        for library in ("OPENBLAS", "MKL", "BLIS"):
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")
        os.environ.setdefault("VECLIB_MAXIMUM_THREADS", "1")
    if hasattr(gc, "set_threshold"):  # not every Python has it
        gc.set_threshold(100_000, 20, 20)  # we make lists of many words and hardly a cycle
    from .cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
