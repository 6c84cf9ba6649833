"""``expect:`` what must have happened when the run is over. Read here, judged by the verdict.

================  ================================================  ==========================================
name              value in the file                                 value kept
================  ================================================  ==========================================
``calls``         ``2``, ``2..4``, ``2..``, ``0``                   :class:`CallRange`: how many calls came
``client``        ``notices``, ``recovers`` or ``gives-up``         the word
``exit``          ``0`` to ``255``, or ``nonzero``                  the status of the command, or the word
``stdout``        a text, or tests of a text                        tuple of :class:`Test`
``stderr``        a text, or tests of a text                        tuple of :class:`Test`
``within``        a duration                                        seconds, first call to last answer
``no-retry``      ``true``, or the name alone                       ``True``: no request came twice
================  ================================================  ==========================================
"""

from __future__ import annotations

from typing import Any

from mockoai.scenario.compounds import Either
from mockoai.scenario.conditions import MESSAGE_TESTS
from mockoai.scenario.diagnose import Mistakes, any_of, did_you_mean, quoted
from mockoai.scenario.measures import CallRangeShape, FixedDuration
from mockoai.scenario.model import Expectation, Span
from mockoai.scenario.nodes import Mapping, Node, Scalar
from mockoai.scenario.scalars import Choice, Integer
from mockoai.scenario.shapes import WRONG, Schema, Shape
from mockoai.scenario.typed import register

EXPECTATIONS: dict[str, Shape] = {
    "calls": CallRangeShape(least=0),
    "client": Choice(("notices", "recovers", "gives-up")),
    "exit": Either((Integer(0, 255), Choice(("nonzero",)))),
    "stdout": MESSAGE_TESTS,
    "stderr": MESSAGE_TESTS,
    "within": FixedDuration(),
    "no-retry": Choice((True,)),
}
"""Every expectation by its name, and the shape of its value."""

ALONE = ("no-retry",)
"""Expectations that are said by their name alone."""


class ExpectationShape(Shape):
    """One entry of ``expect:``: a name with its value, or a name alone."""

    expected = "`- name: value`"

    def _fits(self, node: Node) -> bool:
        return isinstance(node, (Mapping, Scalar))

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        if isinstance(node, Scalar):
            if node.text in ALONE:
                return Expectation(node.text, True, Span(node.line, node.column))
            if node.text in EXPECTATIONS:
                expected = EXPECTATIONS[node.text].expected
                message = f"{quoted(node.text)} needs a value"
                mistakes.add("empty-value", node, message, expected=expected, help=f"write `{node.text}: …`")
                return WRONG
            return self._unknown(node, mistakes)
        assert isinstance(node, Mapping)
        if len(node.entries) != 1:
            mistakes.add(
                "bad-entry",
                node,
                "one expectation at a time",
                expected=self.expected,
                help="start each with `- `",
            )
            return WRONG
        key, value = node.entries[0]
        if key.text not in EXPECTATIONS:
            return self._unknown(key, mistakes)
        found = EXPECTATIONS[key.text].read(value, mistakes)
        return WRONG if found is WRONG else Expectation(key.text, found, Span(key.line, key.column))

    @staticmethod
    def _unknown(node: Scalar, mistakes: Mistakes) -> Any:
        mistakes.add(
            "unknown-expectation",
            node,
            f"no expectation is called {quoted(node.text)}",
            expected=any_of(EXPECTATIONS),
            help=did_you_mean(node.text, EXPECTATIONS),
        )
        return WRONG

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        one = {
            "description": "What must have happened when the run is over.",
            "type": "object",
            "properties": {name: shape.schema(definitions) for name, shape in EXPECTATIONS.items()},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"anyOf": [one, {"enum": list(ALONE)}]}


register(Expectation, ExpectationShape())
