"""``when:`` what a request must look like: tests of values, headers and paths into the body."""

from __future__ import annotations

import re
from typing import Any, get_args

from mockoai.match import path
from mockoai.scenario.compounds import OneOrMany, Pairs
from mockoai.scenario.diagnose import Mistakes, any_of, did_you_mean, quoted
from mockoai.scenario.model import EndpointName, Method, Test, When
from mockoai.scenario.nodes import Mapping, Node, Scalar
from mockoai.scenario.octets import HEADER_NAME, header_name
from mockoai.scenario.pattern import PatternError, compile_pattern
from mockoai.scenario.record import Record
from mockoai.scenario.scalars import AnyJson, Bool, Choice, Number, RawText, Text
from mockoai.scenario.shapes import WRONG, Schema, Shape, nothing
from mockoai.scenario.typed import register


class Regex(Text):
    """A regular expression, compiled to see that it can be (see :mod:`mockoai.scenario.pattern`)."""

    expected = "a regular expression"

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        text = node.text
        try:
            compile_pattern(text)
        except PatternError as error:
            mistakes.add(
                "bad-regex",
                part_of(node, error.start, error.length),
                f"this pattern does not compile: {error}",
                help=_advice(text, error),
            )
            return WRONG
        return text


def part_of(node: Scalar, start: int, length: int) -> Scalar:
    """Return the place of ``length`` characters of ``node``; all of it where escapes make it uncertain."""
    lead = 0 if node.plain else 1
    if not length or node.length != len(node.text) + 2 * lead:
        return node
    return Scalar(node.line, node.column + lead + start, length, node.text)


def _advice(text: str, error: PatternError) -> str:
    wrong = text[error.start : error.start + error.length]
    if wrong == r"\Z":
        return r"the end of the text is `\z`"
    if "look-around" in str(error) or "backreference" in str(error):
        return "the engine takes linear time, so it has no look-around and no back references; use two tests"
    return "to find the text as it stands, use `contains`" if wrong else "make the pattern smaller"


_COMPARISONS: dict[str, Shape] = {
    "equals": AnyJson(),
    "contains": AnyJson(),
    "glob": Text(),
    "regex": Regex(),
    "gt": Number(),
    "ge": Number(),
    "lt": Number(),
    "le": Number(),
    "exists": Bool(),
}
_TEXT = {"equals": RawText(), "contains": RawText(), "glob": RawText(), "regex": Regex()}


class Tests(Shape):
    """Tests of one value, all of which must hold; ``bare`` reads what is no mapping: the value to equal."""

    def __init__(self, comparisons: dict[str, Shape], bare: Shape, name: str) -> None:
        self.comparisons, self.bare, self.name = comparisons, bare, name
        self.expected = f"{bare.expected}, or tests such as `{{ contains: … }}`"

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Mapping) or self.bare.fits(node)

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        if not isinstance(node, Mapping):
            value = self.bare.read(node, mistakes)
            return WRONG if value is WRONG else (Test("equals", value),)
        if not node.entries:
            return nothing(node, mistakes)
        tests = [self._test(key, value, mistakes) for key, value in node.entries]
        return WRONG if any(test is WRONG for test in tests) else tuple(tests)

    def _test(self, key: Scalar, value: Node, mistakes: Mistakes) -> Any:
        shape = self.comparisons.get(key.text)
        if shape is None:
            help = did_you_mean(key.text, self.comparisons)
            if not help and "equals" in self.comparisons and key.text not in _COMPARISONS:
                help = "to compare with a whole mapping, put it under `equals:`"
            mistakes.add(
                "unknown-key",
                key,
                f"no test is called {quoted(key.text)} here",
                expected=any_of(self.comparisons),
                help=help,
            )
            return WRONG
        found = shape.read(value, mistakes)
        return WRONG if found is WRONG else Test(key.text, found)  # type: ignore[arg-type]

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        if self.name not in definitions:
            tests: Schema = {
                "type": "object",
                "properties": {key: shape.schema(definitions) for key, shape in self.comparisons.items()},
                "additionalProperties": False,
                "minProperties": 1,
            }
            bare = self.bare.schema(definitions) or {"not": {"type": "object"}}
            definitions[self.name] = {
                "description": "A value to be equal to, or tests that must all hold.",
                "anyOf": [bare, tests],
            }
        return {"$ref": f"#/$defs/{self.name}"}


MESSAGE_TESTS = Tests(_TEXT, RawText(), "TextTests")
HEADER_TESTS = Tests({**_TEXT, "exists": Bool()}, RawText(), "HeaderTests")
BODY_TESTS = Tests(_COMPARISONS, AnyJson(), "BodyTests")


class HeaderConditions(Pairs):
    """Tests by header name; names are kept in lower case."""

    def __init__(self) -> None:
        super().__init__(HEADER_TESTS, filled=True, names=HEADER_NAME)

    def _key(self, node: Scalar, mistakes: Mistakes) -> Any:
        name = header_name(node, mistakes)
        return WRONG if name is WRONG else name.lower()

    def _read(self, node: Mapping, mistakes: Mistakes) -> Any:
        found = super()._read(node, mistakes)
        seen: dict[str, Scalar] = {}
        for key, _ in node.entries:
            first = seen.setdefault(key.text.lower(), key)
            if first is not key:
                mistakes.add(
                    "duplicate-key",
                    key,
                    f"{quoted(key.text)} and {quoted(first.text)} are the same header",
                    also=[(first, "first given here")],
                    help="put all tests of a header into one mapping",
                )
                found = WRONG
        return found


def endpoint_at(word: str) -> str | None:
    """Return the endpoint of which ``word`` is the path or the URL, or None."""
    if "/" not in word:
        return None
    # Here and not at the top: the routes bring the endpoints along, and few scenarios make this mistake.
    from mockoai.endpoints.routes import UNKNOWN, resolve

    path = re.sub(r"^[a-z]+://[^/]*", "", word).partition("?")[0].rstrip("/")
    name, _ = resolve(path if path.startswith("/") else f"/{path}")
    return None if name == UNKNOWN else name


_FIELD = r"""([\w$@-]+|"[^"]+")"""
_PATH = rf"{_FIELD}(\.{_FIELD}|\[(-?[0-9]+|\*)\])*"  # what mockoai.match.path reads, for the schema


class BodyConditions(Pairs):
    """Tests by path into the body: ``tools[0].function.name``, or ``tools[*].function.name`` for any of them."""

    def __init__(self) -> None:
        super().__init__(BODY_TESTS, filled=True, names=_PATH)

    def _key(self, node: Scalar, mistakes: Mistakes) -> Any:
        try:
            path.parse(node.text)
        except path.PathError as error:
            mistakes.add(
                "bad-path",
                part_of(node, error.place, len(node.text) - error.place),
                str(error),
                expected="fields and indices from the body on, such as `tools[0].function.name`, `[*]` for any index",
                help="put a field with other characters in quotes: `'metadata.\"my key\"'`",
            )
            return WRONG
        return node.text


register(
    When,
    Record(
        When,
        "`when`",
        shapes={
            "endpoint": OneOrMany(Choice(get_args(EndpointName), endpoint_at)),
            "method": OneOrMany(Choice(get_args(Method))),
            "model": OneOrMany(Text()),
            "message": MESSAGE_TESTS,
            "header": HeaderConditions(),
            "body": BodyConditions(),
            "chance": Number(0, 1),
        },
        home="under `when:`",
    ),
)
