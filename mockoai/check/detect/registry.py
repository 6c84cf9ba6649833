"""What a detector is, what it is given, and the table of all. Pure."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from mockoai.check.model import Severity
from mockoai.check.reading.exchange import Exchange

MODULES = (
    "transport",
    "auth",
    "routing",
    "http_errors",
    "rate_limits",
    "headers",
    "encoding",
    "timing",
    "sse",
    "done",
    "mid_stream_errors",
    "chunks",
    "finish",
    "usage",
    "tool_calls",
    "models",
    "completions",
    "bodies",
)
"""The modules that have detectors, in the order in which findings of equal weight are told."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One sight of a failure: its catalogue id, the exchange, what was seen in words, and the bytes.

    ``severity`` is for a sight that weighs more or less than the failure usually does. ``data`` may be long; who shows
    it makes it short.
    """

    id: str
    exchange: Exchange
    text: str
    data: bytes = b""
    severity: Severity | None = None


@dataclass(frozen=True)
class Case:
    """All exchanges of a check; ``heard`` those with the pages beside the API, which say nothing about that."""

    heard: tuple[Exchange, ...]

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Those of the API."""
        return tuple(one for one in self.heard if one.ask.kind != "page")

    @cached_property
    def pages(self) -> tuple[Exchange, ...]:
        """Those of pages beside it."""
        return tuple(one for one in self.heard if one.ask.kind == "page")

    @cached_property
    def answers(self) -> tuple[Exchange, ...]:
        """Those of the API with an HTTP answer."""
        return tuple(one for one in self.exchanges if one.status)

    @cached_property
    def streams(self) -> tuple[Exchange, ...]:
        """Those that were to be streamed, and were."""
        return tuple(one for one in self.answers if one.streamed)

    @cached_property
    def bodies(self) -> tuple[Exchange, ...]:
        """Those of models that were not to be streamed, and were not."""
        return tuple(one for one in self.answers if one.whole)

    @cached_property
    def generated(self) -> tuple[Exchange, ...]:
        """Both of them."""
        return tuple(one for one in self.answers if one.streamed or one.whole)

    @cached_property
    def lists(self) -> tuple[Exchange, ...]:
        """Those that asked for the list of models."""
        return tuple(one for one in self.answers if one.ask.kind == "models")

    @cached_property
    def errors(self) -> tuple[Exchange, ...]:
        """Those with an error status."""
        return tuple(one for one in self.answers if one.status >= 400)

    def provoked(self, *causes: str) -> Iterator[Exchange]:
        """Yield the answers to requests that were wrong on purpose in one of these ways."""
        return (one for one in self.answers if one.ask.provokes in causes)


Detector = Callable[[Case], Iterable[Seen]]

_detectors: dict[str, Detector] = {}
_ids: dict[str, str] = {}


def detects(*ids: str) -> Callable[[Detector], Detector]:
    """Register a function as the detector of ``ids``: it must yield no others, and nobody else may yield these."""

    def register(function: Detector) -> Detector:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        for id in ids:
            if id in _ids:
                raise ValueError(f"{id!r} has two detectors: {_ids[id]} and {name}")
            _ids[id] = name
        _detectors[name] = function
        return function

    return register


def load() -> None:
    """Import every module of detectors."""
    for name in MODULES:
        importlib.import_module(f"mockoai.check.detect.{name}")


def detected() -> dict[str, str]:
    """Return every id that can be found, with the name of its detector."""
    load()
    return dict(_ids)


def look(case: Case) -> list[Seen]:
    """Return what all detectors see in ``case``, in the order of their modules, whichever was imported first."""
    load()
    names = sorted(_detectors, key=lambda name: MODULES.index(name.partition(".")[0]))
    return [seen for name in names for seen in _detectors[name](case)]
