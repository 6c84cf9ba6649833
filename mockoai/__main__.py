"""``python -m mockoai``."""

import sys

from mockoai.cli import main

if __name__ == "__main__":
    sys.exit(main())
