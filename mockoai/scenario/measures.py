"""The measures of the scenario language: how long, where, and which calls."""

from __future__ import annotations

import re
from typing import Any

from mockoai.plan import duration as durations
from mockoai.plan import place as places
from mockoai.plan.duration import Duration
from mockoai.plan.place import MARKS, Place
from mockoai.scenario.diagnose import Mistakes, nearest, quoted
from mockoai.scenario.model import CallRange
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence
from mockoai.scenario.shapes import WRONG, Schema, Shape
from mockoai.scenario.typed import register

LONGEST = 86_400.0
"""Seconds in a day: the longest duration, and the latest place."""

_NUMBER = r"[0-9]+(\.[0-9]+)?"
_PERCENT = r"0*([0-9]{1,2}(\.[0-9]+)?|100(\.0+)?)"
DURATION_PATTERN = rf"^\s*{_NUMBER} ?(ms|s|m)\s*$"
PLACE_PATTERN = rf"^\s*([0-9]+ ?(token|event|byte)s?|{_PERCENT} ?%|{_NUMBER} ?(ms|s|m)|{'|'.join(MARKS)})\s*$"
CALLS_PATTERN = r"^\s*([0-9]+|[0-9]+\.\.[0-9]*|\.\.[0-9]+)\s*$"

_MEASURE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([^\W\d_]+)\.?")
_UNITS = {
    **dict.fromkeys(("millisecond", "milliseconds", "msec", "msecs", "millis", "milli"), "ms"),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("chunk", "chunks", "frame", "frames"), "events"),
    **dict.fromkeys(("b", "octet", "octets"), "bytes"),
    **dict.fromkeys(("tok", "toks"), "tokens"),
    **dict.fromkeys(("percent", "pct"), "%"),
}


# --- durations --------------------------------------------------------------------------------------------


class FixedDuration(Shape):
    """How long: ``300ms``, ``1.5s`` or ``2m``; read as seconds."""

    expected = durations.EXPECTED

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Scalar)

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        return seconds(node, mistakes)

    def _hint(self, node: Node) -> str:
        return "a distribution is not possible here" if isinstance(node, Mapping) else ""

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        definitions.setdefault(
            "FixedDuration",
            {
                "description": "How long: `300ms`, `1.5s` or `2m`.",
                "type": "string",
                "pattern": DURATION_PATTERN,
            },
        )
        return {"$ref": "#/$defs/FixedDuration"}


def seconds(node: Scalar, mistakes: Mistakes) -> Any:
    """Read ``300ms``, ``1.5s`` or ``2m`` at ``node`` as seconds; :data:`WRONG` when it is none."""
    value = node.value
    text = node.text.strip()
    if isinstance(value, str):
        try:
            found = durations.parse_seconds(text)
        except ValueError:
            return _bad_duration(node, mistakes, _unit_help(text, ("ms", "s", "m")))
        if found > LONGEST:
            return _bad_duration(node, mistakes, "a day, `1440m`, is the longest duration")
        return found
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        help = "write `0s`" if value == 0 else f"a number needs a unit: write `{text}ms` or `{text}s`"
        return _bad_duration(node, mistakes, help)
    return _bad_duration(node, mistakes, "")


def _bad_duration(node: Scalar, mistakes: Mistakes, help: str) -> Any:
    message = f"{quoted(node.text)} is not a duration"
    mistakes.add("bad-duration", node, message, expected=durations.EXPECTED, help=help)
    return WRONG


def _unit_help(text: str, allowed: tuple[str, ...]) -> str:
    """Return what ``text`` was probably meant to be: ``5 sec`` is ``5s``."""
    match = _MEASURE.fullmatch(text)
    if not match:
        return ""
    number, word = match[1], match[2].lower()
    unit = word if word in allowed else _UNITS.get(word) or nearest(word, [one for one in allowed if len(one) > 2])
    if word in ("h", "hour", "hours", "hr", "hrs") and "m" in allowed:
        return f"write it in minutes: `{float(number) * 60:g}m`"
    if unit not in allowed:
        return ""
    if unit in ("tokens", "events", "bytes"):
        if "." in number:
            return f"{unit} are counted whole"
        return f"did you mean `{number} {unit if number != '1' else unit[:-1]}`?"
    return f"did you mean `{number}{unit}`?"


class DurationShape(Shape):
    """How long: ``300ms``, or a distribution: ``{ normal: [20ms, 5ms] }``."""

    expected = f"{durations.EXPECTED}, or a distribution such as `{{ normal: [20ms, 5ms] }}`"
    shapes = ("normal", "uniform", "lognormal")

    def _fits(self, node: Node) -> bool:
        return not isinstance(node, Sequence)

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        if isinstance(node, Scalar):
            found = seconds(node, mistakes)
            return WRONG if found is WRONG else Duration.fixed(found)
        assert isinstance(node, Mapping)
        if len(node.entries) != 1 or node.entries[0][0].text not in self.shapes:
            key = node.entries[0][0] if node.entries else node
            mistakes.add(
                "bad-distribution",
                key,
                "not a distribution",
                expected="one of `normal: [mean, deviation]`, `uniform: [from, to]`, "
                "`lognormal: { median: …, p99: … }`",
            )
            return WRONG
        key, value = node.entries[0]
        both = self._median_and_p99(value) if key.text == "lognormal" else self._two(value)
        if both is None:
            form = "`{ median: 20ms, p99: 90ms }`" if key.text == "lognormal" else "`[20ms, 5ms]`"
            mistakes.add("bad-distribution", value, f"{quoted(key.text)} takes two durations", expected=form)
            return WRONG
        first, second = (seconds(one, mistakes) for one in both)
        if first is WRONG or second is WRONG:
            return WRONG
        if problem := _impossible(key.text, first, second):
            mistakes.add("bad-distribution", both[1], problem)
            return WRONG
        return Duration(key.text, first, second)  # type: ignore[arg-type]

    @staticmethod
    def _two(node: Node) -> tuple[Scalar, Scalar] | None:
        if not isinstance(node, Sequence) or len(node.items) != 2:
            return None
        first, second = node.items
        return (first, second) if isinstance(first, Scalar) and isinstance(second, Scalar) else None

    @staticmethod
    def _median_and_p99(node: Node) -> tuple[Scalar, Scalar] | None:
        if not isinstance(node, Mapping) or len(node.entries) != 2:
            return None
        found = {key.text: value for key, value in node.entries}
        median, p99 = found.get("median"), found.get("p99")
        return (median, p99) if isinstance(median, Scalar) and isinstance(p99, Scalar) else None

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        one = FixedDuration().schema(definitions)
        two = {"type": "array", "prefixItems": [one, one], "items": False, "minItems": 2}
        lognormal = {
            "type": "object",
            "properties": {"median": one, "p99": one},
            "required": ["median", "p99"],
            "additionalProperties": False,
        }
        definitions.setdefault(
            "Duration",
            {
                "description": "How long: `300ms`, `1.5s`, `2m`, or a distribution.",
                "anyOf": [
                    one,
                    {
                        "type": "object",
                        "properties": {"normal": two, "uniform": two, "lognormal": lognormal},
                        "additionalProperties": False,
                        "minProperties": 1,
                        "maxProperties": 1,
                    },
                ],
            },
        )
        return {"$ref": "#/$defs/Duration"}


def _impossible(shape: str, first: float, second: float) -> str:
    if shape == "uniform" and second < first:
        return "the upper bound is below the lower"
    if shape == "lognormal" and (first <= 0 or second < first):
        return "the 99th percentile must not be below the median, nor the median 0"
    return ""


# --- places -----------------------------------------------------------------------------------------------


class PlaceShape(Shape):
    """Where in the answer: ``3 tokens``, ``4 events``, ``120 bytes``, ``1.5s``, ``50%``, or a mark."""

    expected = places.EXPECTED

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Scalar)

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        value, text = node.value, node.text.strip()
        if isinstance(value, str):
            try:
                place = Place.parse(text)
            except ValueError as error:
                impossible = "past the end" in str(error)
                if impossible:
                    mistakes.add("impossible-place", node, str(error), help="the end is `100%`, or `end`")
                else:
                    help = self._help(text)
                    mistakes.add("bad-place", node, str(error), expected=places.EXPECTED, help=help)
                return WRONG
            if place.unit == "seconds" and place.amount > LONGEST:
                message = f"{quoted(text)} is later than any answer ends"
                mistakes.add("impossible-place", node, message, help="a day, `1440m`, is the latest place")
                return WRONG
            return place
        help = ""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            plural = "" if value == 1 else "s"
            help = f"say of what: `{value} token{plural}`, `{value} event{plural}` or `{value} byte{plural}`"
        message = f"{quoted(node.text)} is not a place"
        mistakes.add("bad-place", node, message, expected=places.EXPECTED, help=help)
        return WRONG

    @staticmethod
    def _help(text: str) -> str:
        if help := _unit_help(text, ("tokens", "events", "bytes", "ms", "s", "m", "%")):
            return help
        mark = nearest(text, MARKS)
        return f"did you mean `{mark}`?" if mark else ""

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        definitions.setdefault(
            "Place",
            {
                "description": f"Where in the answer: {places.EXPECTED}.",
                "type": "string",
                "pattern": PLACE_PATTERN,
            },
        )
        return {"$ref": "#/$defs/Place"}


# --- ranges of calls --------------------------------------------------------------------------------------


class CallRangeShape(Shape):
    """``2``, ``2..3``, ``2..`` or ``..3``, counted from ``least``."""

    expected = "`2`, `2..3`, `2..` or `..3`"
    _form = re.compile(r"([0-9]{0,9})(\.\.)?([0-9]{0,9})")

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Scalar)

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        match = self._form.fullmatch(node.text.strip())
        if not match or not (match[1] or match[3]):
            help = "two dots: `2..3`" if re.fullmatch(r"\d+ ?(-|\.\.\.|–|to) ?\d+", node.text) else ""
            mistakes.add("bad-range", node, f"{quoted(node.text)} is not a range", expected=self.expected, help=help)
            return WRONG
        first = int(match[1]) if match[1] else 1
        last = int(match[3]) if match[3] else None if match[2] else first
        if first < self.least or (last is not None and last < first):
            help = "the first call is 1" if first < self.least else "the lower bound comes first"
            mistakes.add("bad-range", node, f"{quoted(node.text)} holds no call", expected=self.expected, help=help)
            return WRONG
        return CallRange(first, last)

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        text: Schema = {"type": "string", "pattern": CALLS_PATTERN}
        return {"anyOf": [{"type": "integer", "minimum": self.least}, text]}


register(Duration, DurationShape())
register(Place, PlaceShape())
register(CallRange, CallRangeShape())
