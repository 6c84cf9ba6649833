"""The one answer that every server gives, the requests that ask for it, and the check that it came.

The text is what llmock's ``echo`` style makes of the prompt. llmock cuts it at words, aimock every
:data:`CHUNK_SIZE` characters, mockoai as its scenario says: 22 pieces each time, so 25 events with the
role, the finish and ``[DONE]``.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable

PROMPT = "it is 21 degrees in Paris today with a light westerly wind and not much rain to be expected"
TEXT = f"Hello! You said: {PROMPT}"
PIECES = tuple(re.findall(r"\S+\s*", TEXT))
CHUNK_SIZE = 5
EVENTS = len(PIECES) + 3

INSTANT = "gpt-4o"
PACED = "gpt-4o-mini"
WAITING = "gpt-4.1"
"""Models that tell the rules of mockoai's scenario apart: all at once, 20 ms apart, and 30 s apart."""

GAP = 0.020
"""Seconds between the events of :data:`PACED`."""
WAIT = 30.0
"""Seconds between the events of :data:`WAITING`."""

_numbers = itertools.count(1)
_DIGITS = 9
_LAST_CHUNK = b"0\r\n\r\n"
_CONTENT = b'"content":'


class WrongAnswerError(Exception):
    """A server answered something else than it was asked for."""


def asking(port: int, model: str, *, stream: bool, alike: bool) -> Callable[[], bytes]:
    """Return a function that gives the bytes of one chat request after another.

    They differ in ``user``, and not at all where ``alike``: a server may remember what it answered.
    """
    messages = [{"role": "user", "content": PROMPT}]
    user = "bench-" + "0" * _DIGITS
    body = {"model": model, "messages": messages, "stream": stream, "user": user}
    data = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Authorization: Bearer sk-bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    )
    whole = head.encode() + data
    if alike:
        return lambda: whole
    before, after = whole.split(b"0" * _DIGITS)
    return lambda: b"%b%0*d%b" % (before, _DIGITS, next(_numbers), after)


def complete(answer: bytes) -> bool:
    """Whether ``answer`` is at its end: its announced length, or its last HTTP chunk (RFC 9112 §6, §7.1)."""
    if answer.endswith(_LAST_CHUNK):
        return True
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    at = answer.find(b"ontent-Length: ", 0, end)
    if at < 0:
        at = answer.find(b"ontent-length: ", 0, end)
        if at < 0:
            return False
    return len(answer) - end - 4 >= int(answer[at + 15 : answer.index(b"\r\n", at)])


def check(answer: bytes, *, stream: bool) -> None:
    """Check what is cheap to check: status, number of events, end. Raises WrongAnswerError."""
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise WrongAnswerError(f"not a 200: {answer[:200]!r}")
    if not stream:
        if TEXT.encode() not in answer:
            raise WrongAnswerError(f"another text: {answer[-400:]!r}")
        return
    events, contents = answer.count(b"data: "), answer.count(_CONTENT)
    if events != EVENTS or contents != len(PIECES) + 1:
        raise WrongAnswerError(f"{events} events, {contents} with content; expected {EVENTS} and {len(PIECES) + 1}")
    if b"data: [DONE]" not in answer[-40:]:
        raise WrongAnswerError(f"no [DONE] at the end: {answer[-80:]!r}")


def check_fully(answer: bytes, *, stream: bool) -> None:
    """Read ``answer`` as a client would and compare its text. Raises WrongAnswerError."""
    check(answer, stream=stream)
    head, _, rest = answer.partition(b"\r\n\r\n")
    body = _without_chunks(rest) if b"chunked" in head.lower() else rest
    if not stream:
        said = json.loads(body)["choices"][0]["message"]["content"]
    else:
        events = [one.removeprefix(b"data: ") for one in body.split(b"\n\n") if one]
        deltas = [json.loads(one)["choices"][0]["delta"] for one in events[:-1]]
        said = "".join(delta.get("content") or "" for delta in deltas)
    if said != TEXT:
        raise WrongAnswerError(f"another text: {said!r}")


def _without_chunks(body: bytes) -> bytes:
    """Take the chunked coding (RFC 9112 §7.1) off ``body``."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 4 + size
