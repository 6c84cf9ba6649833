"""Everything that can go wrong for a user of mockoai, as exceptions with a code, a place and advice.

Two kinds, told apart by whose fault it was, after h11: :class:`UsageError` is the caller's (a wrong file, flag or name)
and :class:`StartError` the machine's (a busy port). Anything else that reaches the top is our defect: exit code 4.
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_VERDICT = 1
EXIT_USAGE = 2
EXIT_START = 3
EXIT_INTERNAL = 4
EXIT_NOTHING = 5
EXIT_INTERRUPTED = 130


class MockoaiError(Exception):
    """Base of all errors shown to users: a ``code``, a one-line ``message`` and ``help``, what to do about it."""

    exit_code = EXIT_INTERNAL

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message
        self.help = help


class UsageError(MockoaiError):
    """The command, file or name given was wrong."""

    exit_code = EXIT_USAGE


class StartError(MockoaiError):
    """The server could not start."""

    exit_code = EXIT_START
