"""The model list in the shapes that clients stumble over."""

from __future__ import annotations

import pytest

from tests.support.faulted import Faulted, ask, faulted, scenario
from tests.support.imitating import put, request

MODELS = "[a/b, { id: c, created: 5, owned_by: d }]"
A = {"id": "a/b", "object": "model", "created": 1_700_000_000, "owned_by": "openai"}
C = {"id": "c", "object": "model", "created": 5, "owned_by": "d"}


def listed(fault: str, endpoint: str = "models") -> Faulted:
    path = "/v1/models/c" if endpoint == "model" else "/v1/models"
    return ask(scenario(fault, "{}", models=MODELS), endpoint, path=path)


def without(entry: dict[str, object], key: str) -> dict[str, object]:
    return {name: value for name, value in entry.items() if name != key}


LISTS = [
    ("models-bare-array", [A, C]),
    ("models-data-null", {"object": "list", "data": None}),
    ("models-empty", {"object": "list", "data": []}),
    ("models-models-key", {"models": [A, C]}),
    ("{ models-models-key: { both: true } }", {"models": [A, C], "object": "list", "data": [A, C]}),
    ("models-strings", {"object": "list", "data": ["a/b", "c"]}),
    ("models-no-created", {"object": "list", "data": [without(A, "created"), without(C, "created")]}),
    ("models-created", {"object": "list", "data": [{**one, "created": 1677610602} for one in (A, C)]}),
    ("{ models-created: { value: 0 } }", {"object": "list", "data": [{**one, "created": 0} for one in (A, C)]}),
    ("models-id-missing", {"object": "list", "data": [without(A, "id"), without(C, "id")]}),
    ("{ models-id-missing: { form: 'null' } }", {"object": "list", "data": [{**A, "id": None}, {**C, "id": None}]}),
    (
        "{ models-pagination: { count: 1 } }",
        {"object": "list", "data": [A], "has_more": True, "first_id": "a/b", "last_id": "a/b"},
    ),
    ("{ drop-field: { path: object } }", {"data": [A, C]}),
]


@pytest.mark.parametrize(("fault", "body"), LISTS, ids=[one for one, _ in LISTS])
def test_lists(fault: str, body: object) -> None:
    answer = listed(fault)

    assert answer.json == body
    assert answer.fault.fired


BARE = [
    ("models-empty", {"object": "list", "data": []}),
    ("models-strings", lambda data: {"object": "list", "data": [one["id"] for one in data]}),
    ("models-models-key", lambda data: {"models": data}),
    ("models-no-created", lambda data: [without(one, "created") for one in data]),
    ("models-id-missing", lambda data: [without(one, "id") for one in data]),
]


@pytest.mark.parametrize(("fault", "body"), BARE, ids=[one for one, _ in BARE])
def test_lists_of_a_server_that_sends_the_entries_alone(fault: str, body: object) -> None:
    plain = put("together", request("together", None, "/v1/models"), reply="{}").json
    answer = put("together", request("together", None, "/v1/models"), reply="{}", rest=f"faults: [{fault}]")
    assert answer.json == (body(plain) if callable(body) else body)
    assert answer.fault.fired


def test_a_bare_list_is_bare_already() -> None:
    answer = put("together", request("together", None, "/v1/models"), reply="{}", rest="faults: [models-bare-array]")
    assert (answer.fault.fired, answer.fault.why) == (False, "the list is like that already")


def test_pages_are_read_to_the_end() -> None:
    pages = scenario("{ models-pagination: { count: 1 } }", "{}", models=MODELS)

    assert ask(pages, "models", query="limit=1").json["has_more"] is True
    assert ask(pages, "models", query="limit=1&after_id=a%2Fb").json == {
        "object": "list",
        "data": [C],
        "has_more": False,
        "first_id": "c",
        "last_id": "c",
    }


def test_key_order_is_that_of_the_servers() -> None:
    assert listed("{ models-models-key: { both: true } }").body.startswith(b'{\n  "models": [')


@pytest.mark.parametrize("fault", ["models-no-created", "models-id-missing"])
def test_one_model_has_the_same_fault(fault: str) -> None:
    answer = listed(fault, "model")

    assert answer.json == without(C, fault.removeprefix("models-").replace("no-", "").replace("-missing", ""))


def test_vllm_fields() -> None:
    entry = listed("models-extra-fields").json["data"][1]

    assert entry | {"permission": None} == {
        **C,
        "root": "c",
        "parent": None,
        "max_model_len": 8192,
        "permission": None,
    }
    assert entry["permission"][0]["id"].startswith("modelperm-")
    assert listed("models-extra-fields", "model").json["root"] == "c"


def test_very_many_models() -> None:
    data = listed("{ models-huge: { count: 1000 } }").json["data"]

    assert len(data) == 1002
    assert data[0] == A
    assert data[1000] == {**A, "id": "aggregator/model-999"}
    assert data[1001] == C


@pytest.mark.parametrize(
    "fault", ["models-bare-array", "models-no-created", "models-extra-fields", "models-huge", "models-empty"]
)
def test_other_endpoints_are_left_alone(fault: str) -> None:
    answer = faulted(fault)

    assert not answer.fault.fired
    assert answer.fault.why == "the answer is no model list"
    assert answer.text == "It is 21 degrees in Paris."


def test_a_list_that_is_empty_already() -> None:
    answer = ask(scenario("models-empty", "{}", models="[]"), "models")

    assert not answer.fault.fired
    assert answer.fault.why == "the list is like that already"
