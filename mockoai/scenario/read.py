"""From the text of a scenario file to a :class:`Scenario`, or to a :class:`ScenarioError` with all mistakes.

The way: bytes are decoded, parsed into a tree, and the tree is read by the shape of :class:`Scenario`, which
follows from the dataclasses. What takes more than one key to see (two endings, a rule that is never reached)
is checked here.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from mockoai.scenario import access, conditions, expect, literal, reach  # noqa: F401, they register their shapes
from mockoai.scenario.compounds import ListOf
from mockoai.scenario.diagnose import Mistakes, did_you_mean, quoted
from mockoai.scenario.faultlist import check_rule
from mockoai.scenario.model import LiteralEvent, Rule, Scenario, Span
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence
from mockoai.scenario.record import Record, pairs
from mockoai.scenario.replies import overriding
from mockoai.scenario.scalars import Number, Text
from mockoai.scenario.shapes import WRONG, Schema, Shape
from mockoai.scenario.tree import decode, parse
from mockoai.scenario.typed import register, shape_of

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # ids stand in URLs, headers and model names


class IdShape(Text):
    """An id: letters, digits, ``-``, ``_`` and ``.``."""

    expected = "letters, digits, `-`, `_` and `.`, starting with a letter or digit, 100 at most"

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        text = node.text
        if _ID.fullmatch(text):
            return text
        help = ""
        if better := re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:100]:
            help = f"write {quoted(better)}; `title` takes any text"
        mistakes.add("bad-id", node, f"{quoted(text)} cannot be an id", expected=self.expected, help=help)
        return WRONG

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": "string", "pattern": f"^{_ID.pattern}$"}


class BackendShape(Text):
    """The name of a backend."""

    expected = "the name of a backend"

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        text = node.text
        if text in _backends():
            return text
        help = did_you_mean(text, _backends()) or "`mockoai list backends` shows all of them"
        mistakes.add("unknown-backend", node, f"no backend is called {quoted(text)}", help=help)
        return WRONG

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"enum": sorted(_backends())}


def _backends() -> list[str]:
    from mockoai.backends import BACKENDS

    return list(BACKENDS)


class RuleRecord(Record):
    """A rule; it knows where it stands."""

    def _make(self, values: dict[str, Any], node: Mapping, mistakes: Mistakes) -> Any:
        rule = super()._make({**values, "span": Span(node.line, node.column)}, node, mistakes)
        return rule if check_rule(rule, node, mistakes) else WRONG


class ScenarioRecord(Record):
    """The whole file. A rule's timing is laid over the scenario's."""

    def _make(self, values: dict[str, Any], node: Mapping, mistakes: Mistakes) -> Any:
        scenario: Scenario = super()._make(values, node, mistakes)
        entry = node.entry("rules")
        if entry is None:
            return scenario
        assert isinstance(entry[1], Sequence)
        rules = []
        for rule, item in zip(scenario.rules, entry[1].items, strict=True):
            if rule.timing is not None:
                assert isinstance(item, Mapping)
                written = item.entry("timing")
                assert written is not None
                assert isinstance(written[1], Mapping)
                rule = dataclasses.replace(rule, timing=overriding(scenario.timing, rule.timing, written[1]))
            rules.append(rule)
        scenario = dataclasses.replace(scenario, rules=tuple(rules))
        return scenario if _all_reached(scenario.rules, entry[1], mistakes) else WRONG


def _all_reached(rules: tuple[Rule, ...], node: Sequence, mistakes: Mistakes) -> bool:
    sound = True
    for number, before in reach.covered(rule.when for rule in rules):
        sound = False
        mistakes.add(
            "unreachable-rule",
            _head(node.items[number]),
            "this rule is never reached",
            note="this one",
            also=[(_head(node.items[before]), "this rule answers everything that it would")],
            help="the first rule that matches wins: put this one first, or give the other a narrower `when`",
        )
    return sound


def _head(node: Node) -> Node:
    """Return the part of a rule that names it: its ``name`` or ``when``, else its first key."""
    assert isinstance(node, Mapping)
    keys: dict[str, Scalar] = {key.text: key for key, _ in node.entries}
    return keys.get("name") or keys.get("when") or node


register(
    Rule,
    RuleRecord(
        Rule,
        "a rule",
        shapes={"events": ListOf(shape_of(LiteralEvent), filled=True)},
        skip=("span",),
        apart=pairs("reply", "events", "wire"),
        home="in a rule, under `rules:`",
    ),
)
register(
    Scenario,
    ScenarioRecord(
        Scenario,
        "the scenario",
        shapes={
            "id": IdShape(),
            "backend": BackendShape(),
            "clock": Number(0),
            "rules": ListOf(shape_of(Rule), filled=True),
        },
        skip=("source",),
        home="at the top of the file",
    ),
)


def scenario_shape() -> Shape:
    """Return the shape of a whole file."""
    return shape_of(Scenario)


def read_scenario(data: bytes | str, name: str) -> Scenario:
    """Read a scenario from ``data``, the content of the file called ``name``.

    Raises :class:`~mockoai.scenario.diagnose.ScenarioError` with every mistake found, and nothing else.
    """
    mistakes = decode(data, name)
    mistakes.check()
    root = parse(mistakes)
    scenario: Any = None if root is None else scenario_shape().read(root, mistakes)
    mistakes.check()
    assert isinstance(scenario, Scenario)
    return dataclasses.replace(scenario, source=name)
