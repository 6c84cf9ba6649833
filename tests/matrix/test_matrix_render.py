"""The table and its data: what is made of results, how it reads, and that what is in the tree was not edited."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockoai.scenario import catalogue
from tests.matrix import document, meaning, render
from tests.matrix.cases import Case
from tests.matrix.clients import CLIENTS, Client
from tests.matrix.environments import Installed
from tests.support import golden

GOLDEN = Path(__file__).parent / "golden"
SCENARIOS = Path(__file__).parents[2] / "scenarios"
RUN = {"date": "2026-01-01", "version": "1.2.3", "timeout": 3.0, "silence": 5.0, "limit": 25.0, "retry_limit": 45.0}
PYTHON, NODE, OTHER = CLIENTS[0], CLIENTS[5], CLIENTS[6]
COLUMNS: dict[Client, Installed | str] = {
    PYTHON: Installed(Path("python"), {"openai": "1.109.1", "httpx": "0.28.1"}, "Python 3.11.7"),
    NODE: Installed(Path("node"), {"openai": "7.0.0"}, "Node 20.1.0", ("openai 7.0.0 declares node >=22",)),
    OTHER: "npm is not installed",
}


def entry(case: Case, client: Client, *, delivered: bool = True, times: tuple[float, ...] = (0.0,), **more: Any) -> Any:
    """A result as a run leaves it behind; by default what was meant."""
    asked = {"method": "POST", "target": "/v1/chat/completions", "body": json.dumps(case.body)}
    last = {"rule": case.rule, "request": asked, "session": "s", "call": 1}
    meant = meaning.of(case.served, last) or {}
    answer = {name: meant.get(name) for name in ("text", "finish", "usage", "tool_calls")}
    result = {"sdk": None, "loop": None, "noticed": [], "hung": False, "given": 4, "answer": answer, **more}
    why = "" if delivered else "lines: the client left"
    exchanges = {"delivered": delivered, "why": why, "times": times, "left": False, "last": last}
    return {"client": client.id, "case": case.key, "result": result, "exchanges": exchanges}


def error(kind: str, message: str, *, own: bool = False, cause: str = "") -> Any:
    return {"own": own, "class": kind, "message": message, "cause": cause}


def case(id: str, category: str, *, retries: bool = False) -> Case:
    """A case of a scenario that is not in the catalogue, so that nobody's words there matter here."""
    yaml = f"id: {id}\ntitle: What {id} does.\nrules: [{{ name: one, reply: {{ text: It is warm. }} }}]"
    body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "Is it warm?"}]}
    return Case(id, category, "stream", "one", body, retries=retries, yaml=yaml)


def small() -> document.Json:
    """A document with every mark in it."""
    fine, key, crlf = case("healthy", ""), case("denied", "auth"), case("lines", "sse")
    null, done, hold = case("nulls", "chunks"), case("cut", "sse"), replace(case("held", "transport"), note="sooner")
    again, once = case("busy", "rate-limits", retries=True), case("denied", "auth", retries=True)
    denied = error("openai.AuthenticationError", "Error code: 401", own=True, cause="httpx.HTTPStatusError: 401")
    reset = error("openai.APIConnectionError", "Connection error.", own=True, cause="httpx.ReadError: reset by peer")
    late = error("openai.RateLimitError", "Error code: 429", own=True)
    given: list[tuple[Case, Any, Any]] = [
        (fine, {}, {}),
        (key, {"sdk": denied}, {"noticed": [denied, denied, error("TypeError", "no `x`")]}),
        (crlf, {"delivered": False}, {"none": "no streams"}),
        (
            null,
            {"loop": error("TypeError", "x is not\n subscriptable"), "sdk": reset},
            {"sdk": error("SyntaxError", "")},
        ),
        (done, {"answer": {"text": "The", "finish": None}}, {"sdk": reset}),
        (hold, {"hung": True}, {"hung": True, "answer": {}}),
        (again, {"sdk": late, "times": (0.0, 0.52, 1.44)}, {"times": (0.0, 0.71)}),
        (once, {"sdk": denied}, {"sdk": denied}),
    ]
    results = {
        case.key: {PYTHON.id: entry(case, PYTHON, **python), NODE.id: entry(case, NODE, **node)}
        for case, python, node in given
    }
    return document.build(COLUMNS, [case for case, _, _ in given], results, RUN)


def test_the_table_reads_as_it_did() -> None:
    golden.check(GOLDEN / "CLIENTS.md", render.render(small()))


def test_the_data_reads_as_it_did() -> None:
    golden.check(GOLDEN / "clients.json", document.dump(small()))


def test_the_data_is_json_again() -> None:
    assert json.loads(document.dump(small())) == json.loads(json.dumps(small()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("created 1795227413 ok", "created 1700000000 ok"),
        ("connect ECONNRESET 127.0.0.1:43121", "connect ECONNRESET 127.0.0.1:8000"),
        ("<object at 0x7f31a2b3c4d0>", "<object at 0x0>"),
        ("in /home/me/x/build/matrix/a.py", "in build/matrix/a.py"),
        ("two\n  lines", "two lines"),
        ("x" * 1000, "x" * (document.LONGEST - 1) + "…"),
    ],
)
def test_texts_are_short_and_the_same_everywhere(text: str, shown: str) -> None:
    assert document.short(text) == shown


def test_what_is_missing_is_shown_as_not_run() -> None:
    found = render.render(document.build(COLUMNS, [case("lines", "sse")], {}, RUN))
    assert "| lines | stream | · | · |" in found


# What is in the tree.


@pytest.fixture(scope="module")
def shipped() -> document.Json:
    return dict(json.loads((SCENARIOS / "clients.json").read_text(encoding="utf-8")))


def test_the_shipped_table_was_not_edited(shipped: document.Json) -> None:
    assert (SCENARIOS / "CLIENTS.md").read_text(encoding="utf-8") == render.render(shipped), "run `make matrix`"


def test_the_shipped_data_was_not_edited(shipped: document.Json) -> None:
    assert (SCENARIOS / "clients.json").read_text(encoding="utf-8") == document.dump(shipped), "run `make matrix`"


def test_the_shipped_table_has_every_scenario(shipped: document.Json) -> None:
    assert set(document.scenarios(shipped)) == set(catalogue.ids()), "run `make matrix`"


def test_the_shipped_table_has_every_client(shipped: document.Json) -> None:
    assert [client["id"] for client in shipped["clients"]] == [client.id for client in CLIENTS]


def test_every_client_survives_what_is_healthy(shipped: document.Json) -> None:
    for row in shipped["rows"]:
        if not row["category"]:
            marks = {client: result["mark"] for client, result in row["results"].items()}
            assert set(marks.values()) <= {"survived", "none"}, f"{row['call']}: {marks}"


def test_a_truncated_answer_survives_nowhere(shipped: document.Json) -> None:
    truncated = ("fin-mid-chunked", "rst-mid-stream", "stall-mid-stream", "gzip-truncated", "close-delimited-truncated")
    for row in shipped["rows"]:
        if row["scenario"] in truncated:
            marks = {client: result["mark"] for client, result in row["results"].items()}
            assert "survived" not in marks.values(), f"{row['scenario']} {row['call']}: {marks}"


def test_the_shipped_files_name_no_machine() -> None:
    for name in ("CLIENTS.md", "clients.json"):
        text = (SCENARIOS / name).read_text(encoding="utf-8")
        assert not re.search(r"/(?:home|root|tmp|work|usr)/|npmjs|pypi\.org", text)
