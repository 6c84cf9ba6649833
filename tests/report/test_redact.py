"""No secret is shown, wherever it stands; everything else is."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.plan.items import End, Wait, Write
from mockoai.plan.steps import Plan
from mockoai.report.redact import REDACTED, SECRET_HEADERS, Redactor
from mockoai.request import Request

PLAIN = Redactor()
KEY = "company-key-0815"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key sk-proj-Ab3_x9 is wrong", f"key {REDACTED} is wrong"),
        ("sk-test", REDACTED),
        ("Incorrect API key provided: sk-ab***wxyz.", f"Incorrect API key provided: {REDACTED}."),
        ("Authorization: Bearer abc.def-ghi", f"Authorization: {REDACTED}"),
        ("say `Bearer abc.def-ghi` to it", f"say `Bearer {REDACTED}` to it"),
        ("/v1/models?api_key=hunter2&limit=3", f"/v1/models?api_key={REDACTED}&limit=3"),
        ("/v1?api-key=a%20b", f"/v1?api-key={REDACTED}"),
        ('{"apiKey": "hunter2", "n": 1}', f'{{"apiKey": "{REDACTED}", "n": 1}}'),
        ('{"access_token":"a\\"b"}', f'{{"access_token":"{REDACTED}"}}'),
        ("HTTP/1.1 200 OK\r\nSet-Cookie: id=1; Path=/\r\nX: y", f"HTTP/1.1 200 OK\r\nSet-Cookie: {REDACTED}\r\nX: y"),
    ],
)
def test_what_looks_like_a_secret_is_redacted(text: str, shown: str) -> None:
    assert PLAIN.text(text) == shown
    assert len(PLAIN.data(text.encode())) == len(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "a risk-free task-force with desk-space",
        "the bearer of news",
        '{"max_tokens": 5, "token": "Hello", "logprob": -0.1}',
        "the secret of life=42",
        "sk-",
        "Tokens: 12, secrets: none",
        "äöü 🎈 \ud800",
    ],
)
def test_what_does_not_is_left_alone(text: str) -> None:
    assert PLAIN.text(text) == text


@pytest.mark.parametrize("name", sorted(SECRET_HEADERS))
def test_headers_that_carry_credentials_are_redacted(name: str) -> None:
    for spelling in (name, name.upper(), name.title()):
        assert PLAIN.headers(((spelling, "hunter2"), ("accept", "*/*"))) == [[spelling, REDACTED], ["accept", "*/*"]]


def test_the_scheme_of_a_credential_stays() -> None:
    assert PLAIN.headers((("authorization", "Bearer hunter2"),)) == [["authorization", f"Bearer {REDACTED}"]]
    assert PLAIN.headers((("authorization", "Basic aHVudGVyMg=="),)) == [["authorization", f"Basic {REDACTED}"]]
    assert PLAIN.headers((("authorization", "Bearer"),)) == [["authorization", REDACTED]]
    assert PLAIN.headers((("authorization", "hunter2 three"),)) == [["authorization", REDACTED]]


def test_known_values_are_found_in_every_spelling() -> None:
    redactor = Redactor(['a"key/ü1'])
    for spelling in ('a"key/ü1', json.dumps('a"key/ü1')[1:-1], quote('a"key/ü1', safe=""), 'a\\"key/ü1'):
        assert redactor.text(f"<{spelling}>") == f"<{REDACTED}>"


def test_a_known_value_that_begins_another_hides_both() -> None:
    assert Redactor([KEY, KEY + "-extended"]).text(f"{KEY}-extended and {KEY}") == f"{REDACTED} and {REDACTED}"


def test_values_too_short_to_look_for_are_not() -> None:
    assert Redactor(["abc"]).text("abc abcabc") == "abc abcabc"


def test_what_a_request_sent_as_a_credential_is_known_for_its_exchange() -> None:
    request = Request(
        "POST",
        "/",
        headers=(
            ("authorization", f"Bearer {KEY}"),
            ("cookie", "theme=dark; session=cookie-value-1"),
            ("x-api-key", "another-key-77"),
            ("accept", "never-mind"),
        ),
    )
    knowing = PLAIN.knowing(request)
    assert knowing.text(f"{KEY} cookie-value-1 another-key-77 never-mind") == (
        f"{REDACTED} {REDACTED} {REDACTED} never-mind"
    )
    assert PLAIN.text(KEY) == KEY
    assert knowing.knowing(request) is knowing


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_secret_that_runs_over_several_steps_is_masked(size: int) -> None:
    text = f"before {KEY} after".encode()
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    steps = tuple(step for piece in pieces for step in (Write(data=piece), Wait(seconds=1)))
    plan = Redactor([KEY]).plan(Plan((*steps, End())))
    assert plan.data == b"before " + b"*" * len(KEY) + b" after"
    assert [len(step.data) for step in plan.steps if isinstance(step, Write)] == [len(piece) for piece in pieces]


def test_a_plan_without_secrets_is_the_same_plan() -> None:
    plan = Plan((Write(data=b"hello"), End()))
    assert Redactor([KEY]).plan(plan) is plan


@given(st.text(), st.text(alphabet="ABCDEF-_xyz019", min_size=4, max_size=30), st.text())
def test_a_known_value_never_comes_through(before: str, secret: str, after: str) -> None:
    redactor = Redactor([secret])
    assert secret not in redactor.text(before + secret + after).replace(REDACTED, "")
    masked = redactor.data((before + secret + after).encode("utf-8", "surrogatepass"))
    assert secret.encode() not in masked


@given(st.binary())
def test_masking_keeps_every_length(data: bytes) -> None:
    assert len(PLAIN.data(data)) == len(data)
