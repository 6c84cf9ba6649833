from pathlib import Path
from typing import Any

import orjson
import pytest

from mockoai.match.explain import LONGEST, explain
from mockoai.match.match import NoMatch, match
from mockoai.request import Request
from mockoai.scenario.model import CallRange, Rule, Scenario, When
from mockoai.scenario.model import Test as Check
from mockoai.seed import Seed
from tests.support import golden

GOLDEN = Path(__file__).parent / "golden"

HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}], "temperature": 0.2}
SECRET = "sk-proj-abcdefghijklmnop"

CASES: dict[str, tuple[tuple[Rule, ...], Any, tuple[tuple[str, str], ...]]] = {
    "message": ((Rule(name="weather", when=When(message=(Check("contains", "weather"),))),), HELLO, ()),
    "no-message": ((Rule(when=When(message=(Check("equals", "hi"),))),), {"messages": []}, ()),
    "call": ((Rule(name="once", when=When(call=CallRange(1, 1))),), HELLO, ()),
    "call-range": ((Rule(when=When(call=CallRange(5))), Rule(when=When(call=CallRange(1, 2)))), HELLO, ()),
    "chance": ((Rule(when=When(chance=0.5)), Rule(when=When(chance=0))), HELLO, ()),
    "plain": (
        (Rule(when=When(endpoint=("embeddings", "models"), stream=True, model=("claude*", "o1"))),),
        HELLO,
        (),
    ),
    "header": (
        (
            Rule(when=When(header=(("x-tenant", (Check("equals", "acme"),)),))),
            Rule(when=When(header=(("x-debug", (Check("exists", False),)),))),
            Rule(when=When(header=(("x-team", (Check("glob", "a*"),)),))),
        ),
        HELLO,
        (("x-tenant", "globex"), ("x-debug", "1")),
    ),
    "two-headers": (
        (Rule(when=When(header=(("x-a", (Check("equals", "3"),)),))),),
        HELLO,
        (("x-a", "1"), ("x-a", "2")),
    ),
    "body": (
        (
            Rule(
                when=When(
                    body=(
                        ("temperature", (Check("gt", 1), Check("le", 2))),
                        ("seed", (Check("exists", True),)),
                    )
                )
            ),
            Rule(when=When(body=(("model", (Check("regex", "^claude"),)),))),
            Rule(when=When(body=(('metadata."a key"', (Check("equals", {"b": [1, None, True]}),)),))),
        ),
        HELLO,
        (),
    ),
    "any-element": (
        (
            Rule(when=When(body=(("messages[*].role", (Check("equals", "tool"),)),))),
            Rule(when=When(body=(("tools[*].function.name", (Check("glob", "get_*"),)),))),
        ),
        HELLO,
        (),
    ),
    "method": ((Rule(when=When(method=("GET",))), Rule(when=When(method=("PUT", "DELETE")))), HELLO, ()),
    "not-json": ((Rule(when=When(body=(("model", (Check("equals", "a"),)),))),), b"{", ()),
    "nearest-first": (
        (
            Rule(name="far", when=When(stream=True, model=("a",), endpoint=("models",))),
            Rule(name="near", when=When(stream=True)),
            Rule(name="between", when=When(stream=True, model=("a",))),
            Rule(
                name="further",
                when=When(stream=True, model=("a",), endpoint=("models",), call=CallRange(1, 1)),
            ),
        ),
        HELLO,
        (),
    ),
    "long-values": (
        (Rule(name="n" * 200, when=When(message=(Check("equals", "a\nb " * 100),))),),
        {"messages": [{"role": "user", "content": "word " * 1000}]},
        (),
    ),
    "many-conditions": (
        (Rule(when=When(body=tuple((f"field{n}", (Check("equals", n),)) for n in range(9)))),),
        HELLO,
        (),
    ),
    "secrets": (
        (
            Rule(when=When(header=(("authorization", (Check("equals", "Bearer mine"),)),))),
            Rule(when=When(body=(("user", (Check("equals", "me"),)), ("config.api_key", (Check("equals", "abc"),))))),
            Rule(when=When(message=(Check("equals", "x"),))),
        ),
        {
            "user": SECRET,
            "config": {"api_key": "hunter2hunter2"},
            "messages": [{"role": "user", "content": f"my key is {SECRET}"}],
        },
        (("authorization", "Bearer theirs-0123456789"),),
    ),
    "no-rules": ((), HELLO, ()),
}


def no_match(name: str) -> NoMatch:
    rules, body, headers = CASES[name]
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    request = Request("POST", "/v1/chat/completions", headers=headers, body=data, endpoint="chat")
    found = match(Scenario(id="demo", rules=rules), request, {0: 2, 1: 2}, Seed(4))
    assert isinstance(found, NoMatch)
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_missed_is_told(name: str) -> None:
    text = explain(no_match(name))
    assert "\n" not in text
    golden.check(GOLDEN / f"{name}.txt", text + "\n")


def test_no_secret_is_told() -> None:
    text = explain(no_match("secrets"))
    for secret in (SECRET, "theirs-0123456789", "mine", "hunter2", "abc"):
        assert secret not in text
    assert "[redacted]" in text


def test_an_explanation_is_never_long() -> None:
    rules = tuple(
        Rule(
            name="x" * 500,
            when=When(body=tuple((f"{'k' * 300}{n}", (Check("equals", "v" * 500),)) for n in range(9))),
        )
        for _ in range(9)
    )
    request = Request("POST", "/" + "p" * 9000, body=b"{}", endpoint="chat")
    found = match(Scenario(id="demo", rules=rules), request, {}, Seed(1))
    assert isinstance(found, NoMatch)
    text = explain(found)
    assert len(text) <= LONGEST
    assert text.endswith("…")
