"""The command line: one module per command, imported when that command is run.

Strategy. ``mockoai --version`` and a server's start are felt by whoever waits for them, so this module
imports next to nothing: :func:`main` is the entry point and :mod:`mockoai.cli.root` the tree of commands,
which knows their names and one-line helps and imports the rest when it is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with ``arguments``, those of the process by default; returns the exit code."""
    try:
        if None in (sys.stdin, sys.stdout, sys.stderr):
            from mockoai.cli.terminal import complete_streams

            complete_streams()
        from mockoai.cli.root import run

        return run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        from mockoai.errors import EXIT_INTERRUPTED

        return EXIT_INTERRUPTED
