"""Records: mappings that become dataclasses, and the texts that editors show for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockoai.scenario.record import Record, against, class_text, field_text, pairs
from mockoai.scenario.scalars import Integer, Text
from tests.scenario.reading import attempt, read, refusal


@dataclass(frozen=True)
class Thing:
    """A thing, ``{ name: a }``, unlike :class:`mockoai.scenario.model.Rule` or :data:`~mockoai.seed.T`.

    ``name``: what it is called; ``for_`` and ``size`` are measures. ``hidden`` is
    no key.
    """

    name: str
    size: int = 3
    for_: str | None = None
    tags: tuple[str, ...] = field(default_factory=tuple)
    hidden: int = 0


THING = Record(
    Thing,
    "a thing",
    shapes={"size": Integer(1, 9)},
    skip=("hidden",),
    apart=pairs("size", "for"),
    shorthand=("name", Text()),
)


def test_keys_are_fields_without_their_trailing_underscore() -> None:
    assert read(THING, "{ name: a, for: b, tags: [c] }") == Thing("a", for_="b", tags=("c",))
    assert list(THING.keys) == ["name", "size", "for", "tags"]
    assert THING.keys["name"].required
    assert not THING.keys["tags"].required
    assert THING.keys["tags"].default == ()


def test_a_shorthand_fills_its_field() -> None:
    assert read(THING, "a") == Thing("a")
    assert refusal(THING, "3").expected == "text, or a mapping"
    assert refusal(THING, "[a]").code == "wrong-type"


def test_a_key_that_must_be_there() -> None:
    found = refusal(THING, "{ size: 3 }")
    assert (found.code, found.message, found.where) == ("missing-key", "a thing needs `name`", "test.yaml:1:1")


def test_a_misspelt_key_is_not_missed_as_well() -> None:
    found = refusal(THING, "{ nmae: a }")
    assert (found.code, found.help) == ("unknown-key", "did you mean `name`?")
    _, mistakes = attempt(THING, "{ zzz: a }")
    assert sorted(one.code for one in mistakes) == ["missing-key", "unknown-key"]


def test_a_field_that_is_no_key_is_unknown() -> None:
    _, mistakes = attempt(THING, "{ name: a, hidden: 1, for_: b }")
    assert [one.message for one in mistakes] == ["unknown key `hidden` in a thing", "unknown key `for_` in a thing"]


def test_a_key_without_a_value_is_marked_at_the_key() -> None:
    found = refusal(THING, "name:\n")
    assert (found.code, found.where, found.expected) == ("empty-value", "test.yaml:1:1", "text")


def test_keys_that_exclude_each_other() -> None:
    found = refusal(THING, "{ name: a, for: b, size: 3 }")
    assert (found.code, found.message) == ("exclusive-keys", "`for` and `size` cannot stand together")
    assert found.span is not None
    assert (found.labels[0].span.column, found.span.column) == (12, 20)


def test_all_mistakes_are_found_at_once() -> None:
    _, mistakes = attempt(THING, "{ size: 0, for: [a], nope: 1 }")
    assert sorted(one.code for one in mistakes) == [
        "exclusive-keys",
        "missing-key",
        "out-of-range",
        "unknown-key",
        "wrong-type",
    ]


def test_a_key_at_home_elsewhere_is_answered_with_where() -> None:
    assert refusal(THING, "{ name: a, fallback: echo }").help == "`fallback` belongs at the top of the file"


def test_pairs_of_keys() -> None:
    assert pairs("a", "b", "c") == (("a", "b"), ("a", "c"), ("b", "c"))
    assert against("a", "b", "c") == (("a", "b"), ("a", "c"))


def test_docstrings_become_plain_text() -> None:
    assert class_text(Thing).startswith("A thing, `{ name: a }`, unlike `Rule` or `T`.\n\n`name`: what")
    assert field_text(Thing, "for") == ""
    assert field_text(Thing, "size") == "`for_` and `size` are measures."
    assert field_text(Thing, "hidden") == "`hidden` is no key."


def test_the_schema_says_the_same() -> None:
    definitions: dict[str, dict[str, object]] = {}
    assert THING.schema(definitions) == {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Thing"}]}
    thing = definitions["Thing"]
    assert thing["required"] == ["name"]
    assert thing["additionalProperties"] is False
    assert thing["allOf"] == [{"not": {"required": ["size", "for"]}}]
    assert thing["properties"] == {
        "name": {"type": "string", "description": "What it is called."},
        "size": {
            "type": "integer",
            "minimum": 1,
            "maximum": 9,
            "description": "`for_` and `size` are measures.",
            "default": 3,
        },
        "for": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}},
    }
