"""The list of models, and one of them."""

from mockoai.endpoints import ENDPOINTS, check
from mockoai.endpoints.refusals import no_such_model
from mockoai.plan.items import Model, Text
from mockoai.wire.sse import encode_body
from tests.support.rendering import asked, rendered

PARTS = (Model(id="a", created=1, owned_by="system", at=0.5, faults=("x",)), Model(id="b/c", extra=(("parent", None),)))
ENTRIES = [
    {"id": "a", "object": "model", "created": 1, "owned_by": "system"},
    {"id": "b/c", "object": "model", "created": 0, "owned_by": "openai", "parent": None},
]


def test_the_list_holds_all_models() -> None:
    (event,) = rendered(PARTS, asked("models"))
    assert event.payload == {"object": "list", "data": ENTRIES}
    assert (event.mark, event.faults) == ("body", ("x",))


def test_the_list_may_be_empty() -> None:
    (event,) = rendered([Text(text="x")], asked("models"))
    assert encode_body(event).data == b'{\n  "object": "list",\n  "data": []\n}\n'


def test_one_model_is_the_entry_alone() -> None:
    (event,) = rendered(PARTS[:1], asked("model"))
    assert encode_body(event).data == (
        b'{\n  "id": "a",\n  "object": "model",\n  "created": 1,\n  "owned_by": "system"\n}\n'
    )


def test_no_model_is_an_empty_object() -> None:
    (event,) = rendered([], asked("model"))
    assert event.payload == {}


def test_a_model_that_is_not_listed_is_refused() -> None:
    models = (Model(id="meta/llama"),)
    assert check(asked(path="/v1/models/meta/llama", method="GET", models=models)) is None
    assert check(asked(path="/v1/models/other", method="GET", models=models)) == no_such_model("other")


def test_models_take_no_body() -> None:
    assert [name for name, endpoint in ENDPOINTS.items() if not endpoint.takes_body] == ["models", "model", "page"]
