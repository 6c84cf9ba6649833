"""Writing to the terminal: colour where it is wanted, and a reader that leaves early, or is none, is no error.

Colour follows Python's own order: ``NO_COLOR`` wins over ``FORCE_COLOR``, and both over whether it is a
terminal.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from typing import TextIO

from mockoai.errors import MockoaiError, UsageError

Paint = Callable[[str, str], str]

_STYLES = {"bold": "1", "dim": "2", "good": "32", "warn": "33", "bad": "1;31", "help": "1;36", "name": "36"}


def colored(stream: TextIO) -> bool:
    """Whether ``stream`` takes colour."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "") not in ("", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def paint_for(stream: TextIO) -> Paint:
    """Return a function that styles a text for ``stream``, or leaves it."""
    if not colored(stream):
        return lambda style, text: text
    return lambda style, text: f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if text else text


def columns(default: int, stream: TextIO | None = None) -> int:
    """Columns of the terminal behind ``stream`` (stdout), or ``default`` when it is none."""
    stream = stream or sys.stdout
    return max(60, shutil.get_terminal_size((default, 24)).columns) if stream.isatty() else default


def complete_streams() -> None:
    """Open the null device for those of stdin, stdout and stderr that the process was started without.

    Their descriptors would else go to the next files and sockets, and what is printed into these.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free, which is this
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)


def out(text: str) -> None:
    """Write ``text`` to stdout; whatever comes after a reader has left, as in ``| head``, is dropped.

    Raises UsageError when it cannot be written for another reason, such as a full disk.
    """
    try:
        _write(sys.stdout, text)
    except OSError as error:
        help = "Lead the output to where there is room for it."
        message = f"cannot write to stdout: {error.strerror or error}"
        raise UsageError("output-unwritable", message, help) from None


def err(text: str) -> None:
    """Write ``text`` to stderr as far as that can be done: there is nowhere to say that it cannot."""
    with contextlib.suppress(OSError):
        _write(sys.stderr, text)


def hush(stream: TextIO) -> None:
    """Lead the descriptor of ``stream`` nowhere, so that the last flush has nothing to report."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def show_error(error: MockoaiError) -> None:
    """Write what went wrong and what to do about it to stderr; never a traceback."""
    render = getattr(error, "render", None)
    if render is not None:
        err(render(color=colored(sys.stderr), width=columns(110, sys.stderr)))
        return
    complain(error.code, error.message, error.help)


def complain(code: str, message: str, help: str = "") -> None:
    """Write ``error[code]: message`` and ``help: …`` to stderr."""
    from mockoai.scenario.render import printable

    paint = paint_for(sys.stderr)
    err(f"{paint('bad', f'error[{code}]')}{paint('bold', f': {printable(message)}')}\n")
    if help:
        err(f"{paint('help', 'help')}: {printable(help)}\n")


def _write(stream: TextIO, text: str) -> None:
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            # A terminal that cannot show a character shows its escape; what was asked for is still answered.
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except OSError as error:
        hush(stream)
        if not isinstance(error, BrokenPipeError):
            raise
