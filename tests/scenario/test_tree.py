"""The tree: where things stand, and what is refused before anybody reads it."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from mockoai.scenario import tree
from mockoai.scenario.diagnose import REST_OF_LINE, Diagnostic, ScenarioError
from mockoai.scenario.load import load_text
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence
from mockoai.scenario.tree import MAX_DEPTH, MAX_NODES, MAX_SIZE, decode, parse

GOLDEN = Path(__file__).parent / "golden"
BILLION_LAUGHS = f"a: &a [{','.join(['lol'] * 9)}]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in pairwise("abcdefgh")
)


def built(text: str) -> Node:
    mistakes = decode(text, "test.yaml")
    node = parse(mistakes)
    assert not mistakes, mistakes.sorted()
    assert node is not None
    return node


def mistakes_in(text: str | bytes) -> list[Diagnostic]:
    mistakes = decode(text, "test.yaml")
    if not mistakes:
        parse(mistakes)
    return mistakes.sorted()


def refusal(text: str | bytes) -> Diagnostic:
    (only,) = mistakes_in(text)
    return only


def place(node: Node) -> tuple[int, int, int]:
    return node.line, node.column, node.length


def test_every_node_knows_where_it_stands() -> None:
    root = built("id: é漢 # c\nlist:\n  - {x: 'a b', y: [1,\n 2]}\n  -   z: |\n        foo\n")
    assert isinstance(root, Mapping)
    (id_key, id_value), (list_key, items) = root.entries
    assert (place(root), place(id_key), place(id_value)) == ((1, 1, 2), (1, 1, 2), (1, 5, 2))
    assert (place(list_key), place(items)) == ((2, 1, 4), (3, 3, 1))
    assert isinstance(items, Sequence)
    flow, block = items.items
    assert isinstance(flow, Mapping)
    assert isinstance(block, Mapping)
    assert place(flow) == (3, 5, 1), "a flow mapping over several lines is marked at its bracket"
    assert place(flow.entries[0][1]) == (3, 9, 5), "quotes belong to a text"
    assert place(flow.entries[1][1]) == (3, 19, 1)
    assert place(block) == (5, 7, 1)
    assert place(block.entries[0][1]) == (5, 10, REST_OF_LINE)


def test_a_text_over_several_lines_is_marked_on_its_first() -> None:
    root = built('a: "one\n  two"\n')
    assert isinstance(root, Mapping)
    assert place(root.entries[0][1]) == (1, 4, REST_OF_LINE)


def test_what_is_missing_stands_at_its_key() -> None:
    root = built("when:\nb: 1\n")
    assert isinstance(root, Mapping)
    key, value = root.entries[0]
    assert place(value) == place(key)


def test_quoted_scalars_are_text_and_plain_ones_are_resolved() -> None:
    root = built("[1, '1', \"1\", 0x10, no, '', ~]")
    assert isinstance(root, Sequence)
    assert [one.value for one in root.items if isinstance(one, Scalar)] == [1, "1", "1", 16, "no", "", None]


def test_aliases_share_their_node_and_count_in_full() -> None:
    root = built("a: &a [1, 2]\nb: [*a, *a]\n")
    assert isinstance(root, Mapping)
    (_, first), (_, second) = root.entries
    assert isinstance(second, Sequence)
    assert second.items[0] is second.items[1] is first
    assert (first.size, second.size, root.size) == (3, 7, 1 + 3 + 7 + 2)


def test_an_alias_of_a_scalar_can_be_a_key() -> None:
    root = built("- &k name\n- *k : 1\n")
    assert isinstance(root, Sequence)
    assert isinstance(root.items[1], Mapping)
    key, _ = root.items[1].entries[0]
    assert (key.text, place(key)) == ("name", (2, 3, 2))


def test_an_anchor_may_be_given_again() -> None:
    root = built("- &a 1\n- &a 2\n- *a\n")
    assert isinstance(root, Sequence)
    assert root.items[2] is root.items[1]


def test_the_first_of_two_equal_keys_is_kept_and_both_are_shown() -> None:
    mistakes = decode('a: 1\nb: 2\n"a": 3\n', "test.yaml")
    root = parse(mistakes)
    assert isinstance(root, Mapping)
    assert [(key.text, value.line) for key, value in root.entries] == [("a", 1), ("b", 2)]
    (only,) = mistakes.sorted()
    assert only.code == "duplicate-key"
    assert only.span is not None
    assert (only.span.line, only.labels[0].span.line) == (3, 1)


@pytest.mark.parametrize("text", ["[" * 5000, "{" * 5000, "- " * 5000, "[\n" * 5000, "? " * 5000, "a:\n" + " [" * 5000])
def test_deep_nesting_is_refused_with_a_code(text: str) -> None:
    start = time.process_time()
    assert refusal(text).code == "yaml-too-deep"
    assert time.process_time() - start < 0.5


def test_a_billion_laughs_are_refused_before_they_are_laughed() -> None:
    assert len(BILLION_LAUGHS) < 310
    start = time.process_time()
    found = refusal(BILLION_LAUGHS)
    assert time.process_time() - start < 0.5
    assert found.code == "yaml-too-many"
    assert found.span is not None
    assert found.span.line == 5, "at the alias that goes too far, not at the end"


def test_depth_counts_what_aliases_bring() -> None:
    half = "[" * (MAX_DEPTH // 2) + "x" + "]" * (MAX_DEPTH // 2)
    outer = "[" * (MAX_DEPTH // 2 - 1) + "*a" + "]" * (MAX_DEPTH // 2 - 1)
    assert built(f"- &a {half}\n- {outer}\n").height == MAX_DEPTH + 1, "a scalar is a level of its own"
    assert refusal(f"- &a {half}\n- [{outer}]\n").code == "yaml-too-deep"


@pytest.mark.parametrize("nesting", [MAX_DEPTH, MAX_DEPTH + 1])
def test_the_deepest_that_is_allowed(nesting: int) -> None:
    codes = [one.code for one in mistakes_in("[" * nesting + "]" * nesting)]
    assert codes == ([] if nesting <= MAX_DEPTH else ["yaml-too-deep"])


@pytest.mark.parametrize(("count", "codes"), [(MAX_NODES - 1, []), (MAX_NODES, ["yaml-too-many"])])
def test_the_most_values_that_are_allowed(count: int, codes: list[str]) -> None:
    assert [one.code for one in mistakes_in("[" + "1," * count + "]")] == codes


@pytest.mark.parametrize(
    "text",
    ["&a [*a]", "&a {b: *a}", "&a {b: [{c: *a}]}", "- &a\n  - *a\n", "? &a [*a]\n: 1\n"],
)
def test_an_alias_inside_what_it_stands_for_is_refused(text: str) -> None:
    assert refusal(text).code == "yaml-alias"


@pytest.mark.parametrize("data", ["a" * (MAX_SIZE + 1), b"a" * (MAX_SIZE + 1), "é" * (MAX_SIZE // 2 + 1)])
def test_large_files_are_refused_unread(data: str | bytes) -> None:
    found = refusal(data)
    assert (found.code, found.span) == ("yaml-too-large", None)


@pytest.mark.parametrize("data", ["#" * MAX_SIZE, "é" * (MAX_SIZE // 2), "\ufeff" + "#" * MAX_SIZE])
def test_the_largest_file_that_is_allowed(data: str) -> None:
    assert "yaml-too-large" not in [one.code for one in mistakes_in(data)]
    assert "yaml-too-large" not in [one.code for one in mistakes_in(data.encode())]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    for data in ("\ufeffid: x", b"\xef\xbb\xbfid: x"):
        mistakes = decode(data, "test.yaml")
        assert mistakes.source.text == "id: x"
        assert parse(mistakes) is not None


def test_what_is_not_utf8_is_shown_where_it_stands() -> None:
    found = refusal(b"id: x\ntitle: caf" + b"\xe9\n")
    assert (found.code, found.where) == ("yaml-not-utf8", "test.yaml:2:11")
    assert "0xe9" in found.message
    assert "UTF-16" in refusal("id: x".encode("utf-16")).help


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x80", "\ud800", "\ufffe"])
def test_characters_that_yaml_forbids_are_refused(character: str) -> None:
    found = refusal(f"id: x\ntitle: a{character}")
    assert (found.code, found.where) == ("yaml-control-character", "test.yaml:2:9")
    assert f"U+{ord(character):04X}" in found.message


def test_an_unforeseen_complaint_of_the_parser_is_passed_on() -> None:
    found = refusal("%YAML 3.0\n---\nid: x\n")
    assert found.code == "yaml-syntax"
    assert "incompatible" in found.message


@pytest.fixture
def pure_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "LOADER", yaml.SafeLoader)


def loaded(path: Path) -> str:
    try:
        return repr(load_text(path.read_bytes(), path.name))
    except ScenarioError as error:
        return error.render()


# PyYAML's own parser takes no tab between a key and its value; YAML 1.2 and libyaml do.
ALIKE = [path for path in sorted(GOLDEN.rglob("*.yaml")) if path.stem != "render-tab"]


@pytest.mark.parametrize("path", ALIKE, ids=lambda path: path.stem)
def test_both_parsers_find_the_same_at_the_same_places(path: Path, request: pytest.FixtureRequest) -> None:
    before = loaded(path)
    request.getfixturevalue("pure_parser")
    assert loaded(path) == before


@pytest.mark.usefixtures("pure_parser")
@pytest.mark.parametrize("text", ['"\\ud800"', '"\\U00110000"', "[" * 5000, BILLION_LAUGHS])
def test_the_other_parser_is_as_safe(text: str) -> None:
    assert refusal(text).code in ("yaml-syntax", "yaml-too-deep", "yaml-too-many")
