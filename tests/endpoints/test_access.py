"""What is refused before the parameters are looked at."""

from base64 import b64encode

import pytest

from mockoai.endpoints import check
from mockoai.endpoints.refusals import MISSING_KEY, UNPARSABLE_BODY, masked
from mockoai.keys import ApiKey
from mockoai.plan.items import Failure, Model
from tests.support.rendering import JSON, asked

GOOD = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
KEYS = (ApiKey("sk-right-000000000000"),)


def bearer(key: str) -> tuple[tuple[str, str], ...]:
    return (*JSON, ("authorization", f"Bearer {key}"))


def test_a_good_request_passes() -> None:
    assert check(asked("chat", GOOD)) is None
    assert check(asked("models")) is None
    assert check(asked("model", models=(Model(id="gpt-4o"),))) is None


def test_an_unknown_route_is_quoted_with_its_method() -> None:
    failure = check(asked(path="/v1/ask_url", fields=GOOD))
    assert failure == Failure(status=404, message="Invalid URL (POST /v1/ask_url)")


def test_any_key_or_none_will_do_when_no_keys_are_set() -> None:
    assert check(asked("chat", GOOD, headers=JSON)) is None
    assert check(asked("chat", GOOD, headers=bearer("whatever"))) is None


@pytest.mark.parametrize("authorization", [None, "sk-right-000000000000", "Token sk-right-000000000000"])
def test_a_missing_key_is_refused_with_a_challenge(authorization: str | None) -> None:
    headers = JSON if authorization is None else (*JSON, ("authorization", authorization))
    failure = check(asked("chat", GOOD, headers=headers, keys=KEYS))
    assert failure is not None
    assert (failure.status, failure.message, failure.code) == (401, MISSING_KEY, None)
    assert failure.headers == (("www-authenticate", 'Bearer realm="OpenAI API"'),)


def test_a_wrong_key_is_refused_and_masked() -> None:
    failure = check(asked("chat", GOOD, headers=bearer("sk-proj-0123456789abcdWXYZ"), keys=KEYS))
    assert failure is not None
    assert failure.status == 401
    assert failure.message == (
        "Incorrect API key provided: sk-proj-**************WXYZ. "
        "You can find your API key at https://platform.openai.com/account/api-keys."
    )
    assert (failure.type, failure.param, failure.code) == ("invalid_request_error", None, "invalid_api_key")


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("", "''"),
        ("xxx", "xxx"),
        ("YOUR_API_KEY", "YOUR_API_KEY"),
        ("OPENAI_API_KEY", "OPENAI_A**_KEY"),
        ("test-openai-key", "test-ope***-key"),
        ("4f9bb533-0123-4567-89ab-0123456dcc24", "4f9bb533************************cc24"),
    ],
)
def test_keys_are_masked_as_transcripts_show_them(key: str, shown: str) -> None:
    assert masked(key) == shown


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_right_key_passes_whatever_the_case_of_the_scheme(scheme: str) -> None:
    headers = (*JSON, ("authorization", f"{scheme}  {KEYS[0].key} "))
    assert check(asked("chat", GOOD, headers=headers, keys=KEYS)) is None


def test_the_key_may_be_the_password_of_basic_credentials() -> None:
    good = b64encode(f":{KEYS[0].key}".encode()).decode()
    assert check(asked("chat", GOOD, headers=(*JSON, ("authorization", f"Basic {good}")), keys=KEYS)) is None
    for bad in ("!!!", b64encode(b":nope").decode(), b64encode(b"\xff").decode(), ""):
        headers = (*JSON, ("authorization", f"Basic {bad}"))
        failure = check(asked("chat", GOOD, headers=headers, keys=KEYS))
        assert failure is not None
        assert failure.code == "invalid_api_key"


@pytest.mark.parametrize("endpoint", ["chat", "completions", "embeddings"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_routes_that_take_posts_say_so(endpoint: str, method: str) -> None:
    failure = check(asked(endpoint, GOOD, method=method))
    assert failure is not None
    assert (failure.status, failure.code) == (405, "method_not_supported")
    assert failure.message == "Only POST requests are accepted."
    assert failure.headers == (("allow", "POST"),)


def test_routes_that_take_gets_give_a_hint() -> None:
    failure = check(asked("models", method="POST"))
    assert failure is not None
    hint = "Not allowed to POST on /v1/models. (HINT: Perhaps you meant to use a different HTTP method?)"
    assert (failure.status, failure.message, failure.code) == (405, hint, None)
    assert failure.headers == (("allow", "GET"),)


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_accepted_by_any_of_its_names(content_type: str) -> None:
    assert check(asked("chat", GOOD, headers=(("content-type", content_type),))) is None


def test_a_body_that_does_not_say_what_it_is_is_taken_for_json() -> None:
    assert check(asked("chat", GOOD, headers=())) is None


def test_another_content_type_is_refused() -> None:
    failure = check(asked("chat", GOOD, headers=(("content-type", "text/plain"),)))
    assert failure is not None
    assert (failure.status, failure.code) == (415, "unsupported_content_type")
    assert failure.message == (
        "Unsupported content type: 'text/plain'. This API method only accepts 'application/json' requests, but you "
        "specified the header 'Content-Type: text/plain'. Please try again with a supported content type."
    )


@pytest.mark.parametrize("body", [b"", b"{", b"hello", b"[]", b'"text"', b"null", b'{"model": 7}'])
def test_what_is_no_json_object_cannot_be_parsed(body: bytes) -> None:
    failure = check(asked("chat", body=body))
    assert failure == Failure(status=400, message=UNPARSABLE_BODY)


@pytest.mark.parametrize("fields", [{}, {"model": None}, {"model": ""}, {"messages": 7, "temperature": 9}])
def test_a_missing_model_is_noticed_before_anything_else(fields: dict[str, object]) -> None:
    failure = check(asked("chat", fields))
    assert failure == Failure(status=400, message="you must provide a model parameter")


def test_unknown_models_pass_unless_only_the_listed_ones_are_served() -> None:
    body = {**GOOD, "model": "gpt-nope"}
    models = (Model(id="gpt-4o"),)
    assert check(asked("chat", body, models=models)) is None
    failure = check(asked("chat", body, models=models, exact_models=True))
    assert failure == Failure(
        status=404,
        message="The model `gpt-nope` does not exist or you do not have access to it.",
        code="model_not_found",
    )
    assert check(asked("chat", GOOD, models=models, exact_models=True)) is None


def test_one_model_is_looked_up_in_the_list() -> None:
    models = (Model(id="org/one"),)
    known = asked("model", path="/v1/models/org/one", models=models, exact_models=True)
    assert check(known) is None
    failure = check(asked("model", path="/v1/models/org/two", models=models, exact_models=True))
    message = "The model 'org/two' does not exist"
    assert failure == Failure(status=404, message=message, param="model", code="model_not_found")


def test_the_order_in_which_the_gateway_looks() -> None:
    """Each request has the mistakes of all that follow it; the first is answered."""
    text = (("content-type", "text/plain"),)
    nothing = {"keys": KEYS, "exact_models": True}
    statuses = [
        check(asked(path="/v1/nope", body=b"{", method="GET", headers=text, **nothing)),
        check(asked("chat", body=b"{", method="GET", headers=text, **nothing)),
        check(asked("chat", body=b"{", method="GET", headers=(*text, *bearer(KEYS[0].key)), **nothing)),
        check(asked("chat", body=b"{", headers=(*text, *bearer(KEYS[0].key)), **nothing)),
        check(asked("chat", body=b"{", headers=bearer(KEYS[0].key), **nothing)),
        check(asked("chat", {"model": "x", "n": 0}, headers=bearer(KEYS[0].key), **nothing)),
        check(asked("chat", {"model": "x", "n": 0}, headers=bearer(KEYS[0].key), keys=KEYS)),
    ]
    assert [failure and failure.status for failure in statuses] == [404, 401, 405, 415, 400, 404, 400]
