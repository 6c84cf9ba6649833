import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.endpoints import ENDPOINTS, resolve


@pytest.mark.parametrize("prefix", ["/v1", ""])
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/chat/completions", "chat"),
        ("/completions", "completions"),
        ("/embeddings", "embeddings"),
        ("/models", "models"),
    ],
)
def test_a_route_is_known_with_and_without_its_version(prefix: str, path: str, name: str) -> None:
    assert resolve(prefix + path) == (name, ())
    assert ENDPOINTS[name].name == name


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/",
        "/v1/chat/completions/",
        "/v1/models/",
        "/v1/models/gpt-4o/",
        "/v1/v1/models",
        "/v2/models",
        "/v1/ask_url",
        "//v1/models",
        "/V1/models",
        "/v1/chat/completions/chat/completions",
        "",
    ],
)
def test_anything_else_is_no_route(path: str) -> None:
    assert resolve(path) == ("unknown", ())


@pytest.mark.parametrize("id", ["gpt-4o", "meta-llama/Llama-3.1-8B", "a b", "ü", "ft:gpt-4o-mini:acme::7p4lURel"])
def test_the_id_of_a_model_is_taken_from_the_path(id: str) -> None:
    assert resolve(f"/v1/models/{id}") == ("model", (("model", id),))
    assert resolve(f"/models/{id}") == ("model", (("model", id),))


@given(st.text())
def test_every_path_resolves(path: str) -> None:
    name, parameters = resolve(path)
    assert name in {*ENDPOINTS, "unknown"}
    assert bool(parameters) == (name == "model")
