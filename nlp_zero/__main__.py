"""``python -m nlp_zero`` is ``nlp-zero``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
