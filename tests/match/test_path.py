import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.match.path import EVERY, MOST, PathError, find, parse

BODY = {
    "model": "gpt-4o",
    "messages": [{"role": "system"}, {"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    "metadata": {"a key": 1, "a.b": 2, "null": None},
    "x-y$@": True,
    "tools": [{"names": ["a", "b"]}, {"names": []}, {"name": "x"}, {"names": "c"}, {"names": ["d"]}],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("model", "gpt-4o"),
        ("messages[0].role", "system"),
        ("messages[-1].role", "user"),
        ("messages[-2].role", "system"),
        ("messages[1].content[0].text", "hi"),
        ('metadata."a key"', 1),
        ('metadata."a.b"', 2),
        ('"model"', "gpt-4o"),
        ("x-y$@", True),
        ("metadata.null", None),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: object) -> None:
    assert find(BODY, parse(path)) == [value]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("messages[*].role", ["system", "user"]),
        ("tools[*].names[*]", ["a", "b", "d"]),
        ("tools[*].names[0]", ["a", "d"]),
        ("tools[4].names[*]", ["d"]),
        ("tools[*].name", ["x"]),
        ("tools[*].nothing", []),
        ("model[*]", []),
        ("metadata[*]", []),
        ("nothing[*]", []),
    ],
)
def test_a_path_leads_to_the_values_of_every_element(path: str, values: list[object]) -> None:
    assert find(BODY, parse(path)) == values


def test_a_path_leads_to_a_bounded_number_of_values() -> None:
    assert find({"a": [[1] * 1_000] * 1_000}, parse("a[*][*]")) == [1] * MOST


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "model.role",
        "model[0]",
        "messages[2]",
        "messages[-3]",
        "messages.role",
        "metadata[0]",
        "messages[0].role.x",
    ],
)
def test_a_path_to_nothing_is_missing(path: str) -> None:
    assert find(BODY, parse(path)) == []


def test_a_path_into_what_is_no_object_is_missing() -> None:
    assert find([1], parse("a")) == []
    assert find(None, parse("a")) == []


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", 0),
        (".a", 0),
        ("a.", 1),
        ("a..b", 1),
        ("a b", 1),
        ("[0]", 0),
        ("a[x]", 1),
        ("a[**]", 1),
        ("a[-*]", 1),
        ("a.*", 1),
        ("[*]", 0),
        ("a[0", 1),
        ('a."b', 1),
        ('"a"b', 3),
        ("a[0]b", 4),
    ],
)
def test_what_is_no_path_says_where(path: str, place: int) -> None:
    with pytest.raises(PathError) as caught:
        parse(path)
    assert caught.value.place == place


FIELDS = st.text(st.characters(exclude_characters='"', exclude_categories=("Cs",)), min_size=1, max_size=5)


@given(FIELDS, st.lists(FIELDS | st.integers(-9, 9), max_size=4))
def test_quoting_every_field_reads_back(first: str, rest: list[str | int]) -> None:
    path = f'"{first}"' + "".join(f"[{one}]" if isinstance(one, int) else f'."{one}"' for one in rest)
    assert parse(path) == (first, *rest)
    assert parse(path + "[*]") == (first, *rest, EVERY)
