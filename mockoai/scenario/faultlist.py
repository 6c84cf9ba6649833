"""``faults:`` of a rule: ids with their parameters, and what can be known of them before any request came."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.plan.place import Place
from mockoai.scenario.diagnose import Mistakes, did_you_mean, quoted
from mockoai.scenario.model import Rule
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence
from mockoai.scenario.record import Record, class_text
from mockoai.scenario.shapes import WRONG, Schema, Shape
from mockoai.scenario.typed import register

UNCOUNTED = {"reply": ("events", "bytes"), "event": ("bytes",)}
"""Units that a layer cannot count, because what they measure is made further down."""

NO_STREAM = {"embeddings", "models", "model"}
"""Endpoints whose answers are never streamed."""


_parameters: dict[type[Fault], Parameters] = {}


class Parameters(Record):
    """The parameters of one fault."""

    def _make(self, values: dict[str, Any], node: Mapping, mistakes: Mistakes) -> Any:
        try:
            fault = super()._make(values, node, mistakes)
        except ValueError as error:
            mistakes.add("bad-parameter", node, f"{self.noun}: {error}")
            return WRONG
        sound = True
        for name, value in values.items():
            if isinstance(value, Place) and (problem := _impossible(name, value, fault)):
                entry = node.entry(name.rstrip("_"))
                mistakes.add("impossible-place", entry[1] if entry else node, problem[0], help=problem[1])
                sound = False
        return fault if sound else WRONG

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return self._definition(definitions)


def _impossible(name: str, place: Place, fault: Fault) -> tuple[str, str] | None:
    if name == "at" and place.amount == 0 and place.unit in ("tokens", "events", "bytes"):
        unit = place.unit[:-1]
        return f"there is no {unit} 0", f"the first is `at: 1 {unit}`; before it is `after: 0 {place.unit}`"
    if place.unit in UNCOUNTED.get(fault.layer, ()):
        units = "tokens" if fault.layer == "reply" else "tokens or events"
        return (
            f"{quoted(fault.id)} acts before {place.unit} are made, so it cannot count them",
            f"say it in {units}",
        )
    return None


def parameters(cls: type[Fault]) -> Parameters:
    """Return the shape of the parameters of the fault ``cls``.

    Raises TypeError when the scenario language has no way to write one of them.
    """
    if cls not in _parameters:
        _parameters[cls] = Parameters(cls, f"`{cls.id}`")
    return _parameters[cls]


class FaultShape(Shape):
    """A fault: its id, or its id with parameters."""

    expected = "a fault: `- id` or `- id: { parameter: value }`"

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) or (isinstance(node, Mapping) and bool(node.entries))

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        if isinstance(node, Scalar):
            return self._alone(node, mistakes)
        assert isinstance(node, Mapping)
        key, value = node.entries[0]
        if len(node.entries) > 1:
            indented = isinstance(value, Scalar) and value.empty
            help = f"indent the parameters of {quoted(key.text)} further" if indented else "start each with `- `"
            mistakes.add("bad-entry", node.entries[1][0], "one fault at a time", expected=self.expected, help=help)
            return WRONG
        cls = self._find(key, mistakes)
        if cls is WRONG:
            return WRONG
        if isinstance(value, Scalar) and value.empty:
            help = f"without parameters, leave the `:` off: `- {key.text}`"
            mistakes.add("empty-value", key, f"{quoted(key.text)} has no parameters", help=help)
            return WRONG
        return parameters(cls).read(value, mistakes)

    def _alone(self, node: Scalar, mistakes: Mistakes) -> Any:
        cls = self._find(node, mistakes)
        if cls is WRONG:
            return WRONG
        bare = Mapping(node.line, node.column, node.length)
        return parameters(cls).read(bare, mistakes)

    @staticmethod
    def _find(node: Scalar, mistakes: Mistakes) -> Any:
        known = registry.load()
        if node.text in known:
            return known[node.text]
        help = did_you_mean(node.text, known) or "`mockoai list faults` shows all of them"
        mistakes.add("unknown-fault", node, f"no fault is called {quoted(node.text)}", help=help)
        return WRONG

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        known = registry.load()
        shapes = {id: parameters(cls) for id, cls in known.items()}
        alone = [id for id, shape in shapes.items() if not any(key.required for key in shape.keys.values())]
        definitions["Fault"] = {
            "description": class_text(Fault),
            "anyOf": [
                {"enum": sorted(alone)},
                {
                    "type": "object",
                    "properties": {id: shapes[id].schema(definitions) for id in sorted(shapes)},
                    "additionalProperties": False,
                    "minProperties": 1,
                    "maxProperties": 1,
                },
            ],
        }
        return {"$ref": "#/$defs/Fault"}


def check_rule(rule: Rule, node: Mapping, mistakes: Mistakes) -> bool:
    """Add what keeps the faults of ``rule``, written at ``node``, from acting; return whether none is."""
    entry = node.entry("faults")
    if entry is None:
        return True
    assert isinstance(entry[1], Sequence)
    nodes = [_id(item) for item in entry[1].items]
    sound = _no_conflict(rule.faults, nodes, mistakes)
    for fault, where in zip(rule.faults, nodes, strict=True):
        if reason := _never(fault, rule):
            mistakes.add(
                "fault-never-fires",
                where,
                f"{quoted(fault.id)} can never act here: {reason[0]}",
                help=reason[1],
            )
            sound = False
    return sound


def _id(item: Node) -> Node:
    return item.entries[0][0] if isinstance(item, Mapping) else item


def _no_conflict(faults: Iterable[Fault], nodes: list[Node], mistakes: Mistakes) -> bool:
    faults = list(faults)
    found = registry.conflict(faults)
    if found is None:
        return True
    one, other, claim = found
    # By identity: two equal faults may stand in one rule, and then the second is the one too many.
    places = [next(node for fault, node in zip(faults, nodes, strict=True) if fault is one)]
    places += [node for fault, node in zip(faults, nodes, strict=True) if fault is other and node is not places[0]]
    mistakes.add(
        "fault-conflict",
        places[-1],
        f"{quoted(one.id)} and {quoted(other.id)} cannot both happen: each decides the {claim}",
        also=[(places[0], f"decides the {claim}")],
        help="keep one of them, or put them in two rules",
    )
    return False


def _never(fault: Fault, rule: Rule) -> tuple[str, str] | None:
    if rule.wire is not None and fault.layer != "transport":
        return "`wire` writes the bytes itself", "write what the fault would do into the bytes"
    if rule.events is not None and fault.layer in ("reply", "event"):
        return "`events` writes the events itself", "write what the fault would do into the events"
    when = rule.when
    if fault.needs == "stream":
        if when.stream is False:
            return "it needs a stream, and `stream` is false", "leave `stream` out, or make it true"
        if when.endpoint and set(when.endpoint) <= NO_STREAM:
            return "it needs a stream, and this endpoint has none", "answer `chat` or `completions` with it"
    if fault.needs == "body" and when.stream is True:
        return (
            "it needs an answer that is not streamed, and `stream` is true",
            "leave `stream` out, or make it false",
        )
    return None


register(Fault, FaultShape())
