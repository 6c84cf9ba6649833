"""The conditions of ``when``, but for ``call`` and ``chance``: which of them a request does not meet.

Comparisons are typed as JSON is: a number is never equal to a text, a boolean is no number, ``null`` is a
value and not the absence of one. Headers and messages are texts, so there whatever is expected is compared as
text.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mockoai.jsonvalue import compact, equal, is_number
from mockoai.match.path import EVERY, MISSING, find, parse
from mockoai.request import UNPARSABLE, Request
from mockoai.scenario.model import CallRange, Test, When
from mockoai.scenario.pattern import search


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that does not hold: its ``name``, what was ``expected`` and what was ``found``.

    ``key`` is the header or the path it is about. ``found`` is :data:`~mockoai.match.path.MISSING` where
    there was nothing, :data:`~mockoai.request.UNPARSABLE` where the body is not JSON, a list where the path leads
    to every element of one, and for ``call`` and ``chance`` what was counted and drawn.
    """

    name: str
    expected: Test | CallRange | tuple[str, ...] | bool | float
    found: Any
    key: str = ""


def unmet(when: When, request: Request) -> Iterator[Unmet]:
    """Yield the conditions that ``request`` does not meet, the quickest to test first."""
    if when.endpoint and request.endpoint not in when.endpoint:
        yield Unmet("endpoint", when.endpoint, request.endpoint)
    if when.method and request.method not in when.method:
        yield Unmet("method", when.method, request.method)
    if when.stream is not None and request.stream is not when.stream:
        yield Unmet("stream", when.stream, request.stream)
    if when.model:
        # The route of a single model names it in its path.
        model = request.model or request.parameter("model")
        if not any(_like(glob, model) for glob in when.model):
            yield Unmet("model", when.model, model or MISSING)
    if when.message:
        message = MISSING if request.message is None else request.message
        for test in when.message:
            if not text_holds(test, message):
                yield Unmet("message", test, message)
    for name, tests in when.header:
        wanted = name.lower()
        values = [value for key, value in request.headers if key.lower() == wanted]
        for test in tests:
            if not any(text_holds(test, value) for value in values or (MISSING,)):
                yield Unmet("header", test, ", ".join(values) if values else MISSING, name)
    for path, tests in when.body:
        yield from _unmet_in_body(path, tests, request.json)


def _unmet_in_body(path: str, tests: tuple[Test, ...], body: Any) -> Iterator[Unmet]:
    """Yield the ``tests`` that no value at ``path`` passes; when some are passed by one and some by another, those
    that are missed by the value which passes most."""
    steps = parse(path)
    values = find(body, steps) or [MISSING]
    missed = min(([test for test in tests if not json_holds(test, value)] for value in values), key=len)
    if missed:
        found = UNPARSABLE if body is UNPARSABLE else values if EVERY in steps and MISSING not in values else values[0]
        for test in missed:
            yield Unmet("body", test, found, path)


def text_holds(test: Test, value: Any) -> bool:
    """Whether ``value``, a text or :data:`MISSING`, passes ``test``."""
    if test.how == "exists":
        return (value is not MISSING) is test.value
    if value is MISSING:
        return False
    if test.how == "equals":
        return bool(value == _text(test.value))
    if test.how == "contains":
        return _text(test.value) in value
    if test.how in ("glob", "regex"):
        return _matches(test, value)
    try:
        return _compares(test, float(value))
    except ValueError:
        return False


def json_holds(test: Test, value: Any) -> bool:
    """Whether ``value``, a JSON value or :data:`MISSING`, passes ``test``.

    ``contains`` looks for a text in a text, an element in an array, or a field in an object. ``glob`` and
    ``regex`` test texts, ``gt`` to ``le`` numbers; what is of another type does not pass.
    """
    if test.how == "exists":
        return (value is not MISSING) is test.value
    if value is MISSING:
        return False
    if test.how == "equals":
        return equal(value, test.value)
    if test.how == "contains":
        if isinstance(value, list):
            return any(equal(one, test.value) for one in value)
        return isinstance(value, (str, dict)) and isinstance(test.value, str) and test.value in value
    if test.how in ("glob", "regex"):
        return isinstance(value, str) and _matches(test, value)
    return is_number(value) and _compares(test, value)


def _matches(test: Test, value: str) -> bool:
    pattern = _text(test.value)
    return _like(pattern, value) if test.how == "glob" else search(pattern, value)


def _compares(test: Test, value: float) -> bool:
    bound = test.value
    if not is_number(bound):
        return False
    if test.how == "gt":
        return value > bound
    if test.how == "ge":
        return value >= bound
    return value < bound if test.how == "lt" else value <= bound


def _text(value: Any) -> str:
    return value if isinstance(value, str) else compact(value)


def _like(glob: str, text: str) -> bool:
    """Whether ``text`` as a whole is like ``glob``: ``*``, ``?`` and ``[…]``, upper and lower case told apart."""
    return glob == text or _glob(glob).match(text) is not None


@lru_cache(maxsize=512)
def _glob(glob: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(glob))
