"""Each backend's own answers, whole: what is on the wire for the same few requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from mockoai.address import Address
from mockoai.backends import BACKENDS
from mockoai.endpoints import resolve
from mockoai.mock import Mock
from mockoai.plan.duration import Duration
from mockoai.plan.items import End, Write
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.scenario.model import ErrorReply, Reply, Rule, Scenario, Timing
from tests.support import golden

GOLDEN = Path(__file__).parent / "golden"
NOW = 1_767_225_600.0
KEY = "sk-right-000000000000"
MESSAGES = [{"role": "user", "content": "What is the weather in Paris?"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CALLED = {"messages": MESSAGES, "tools": [TOOL], "tool_choice": "required"}
USAGE = {"stream_options": {"include_usage": True}}
TEXT = Reply(text="It is sunny.")
AT_ONCE = Timing()
SLOW = Timing(headers=Duration.fixed(0.0), first_token=Duration.fixed(40.0))


def models(name: str) -> list[str]:
    return [one.id for one in BACKENDS[name].models()]


def asked(name: str, path: str, fields: Any = None, *, method: str | None = None, key: str | None = KEY) -> Request:
    body = b"" if fields is None else orjson.dumps({"model": models(name)[0], **fields})
    endpoint, parameters = resolve(path)
    headers = [("host", "127.0.0.1"), ("content-type", "application/json")]
    if key is not None:
        headers += [("authorization", f"Bearer {key}"), ("api-key", key)]
    return Request(
        method=method or ("GET" if fields is None else "POST"),
        path=path,
        target=path,
        headers=tuple(headers),
        body=body,
        endpoint=endpoint,
        parameters=parameters,
    )


def planned(name: str, request: Request, reply: Reply | None = TEXT, timing: Timing = AT_ONCE) -> Plan:
    scenario = Scenario(id="golden", rules=(Rule(reply=reply),), timing=timing)
    mock = Mock([scenario], backend=name, keys=[KEY], clock=lambda: NOW)
    return mock.answer(request, Address(request.path), mock.sessions.get("default")).plan


def shown(plan: Plan) -> str:
    """Return the bytes of ``plan`` as text, without chunk sizes, with the silences of a second and more."""
    out: list[str] = []
    before = 0.0
    for step in plan.steps:
        if step.at - before >= 1:
            out.append(f"[{step.at - before:g} s]\n")
        before = step.at
        if isinstance(step, Write):
            data = step.data if step.mark == "headers" else step.data[step.lead : step.lead + step.body]
            out.append(data.decode().replace("\r\n", "\n"))
        elif isinstance(step, End) and step.how != "clean":
            out.append(f"[{step.how}]\n")
    return "".join(out)


def requests(name: str) -> dict[str, Plan]:
    """Plan what is asked of every backend."""
    chat, legacy = "/v1/chat/completions", "/v1/completions"
    base = BACKENDS[name].base
    plans = {
        "chat": planned(name, asked(name, chat, {"messages": MESSAGES})),
        "chat, streamed": planned(name, asked(name, chat, {"messages": MESSAGES, "stream": True})),
        "chat, streamed with usage": planned(name, asked(name, chat, {"messages": MESSAGES, "stream": True, **USAGE})),
        "chat, streamed, nothing for 40 s": planned(
            name, asked(name, chat, {"messages": MESSAGES, "stream": True}), timing=SLOW
        ),
        "reasoning, streamed": planned(
            name, asked(name, chat, {"messages": MESSAGES, "stream": True}), Reply(text="Sunny.", reasoning="Look.")
        ),
        "tool call": planned(name, asked(name, chat, CALLED), None),
        "tool call, streamed": planned(name, asked(name, chat, {**CALLED, "stream": True}), None),
        "completion": planned(name, asked(name, legacy, {"prompt": "Hi"})),
        "completion, streamed with usage": planned(
            name, asked(name, legacy, {"prompt": "Hi", "stream": True, **USAGE})
        ),
        "embeddings": planned(name, asked(name, "/v1/embeddings", {"input": "Hi", "dimensions": 2}), None),
        "models": planned(name, asked(name, f"{base}/models"), None),
        "one model": planned(name, asked(name, f"{base}/models/{models(name)[0]}"), None),
        "one model that is not there": planned(name, asked(name, f"{base}/models/nobody/nothing"), None),
        "unknown model": planned(name, asked(name, chat, {"model": "nothing", "messages": MESSAGES})),
        "unknown route": planned(name, asked(name, "/v1/nothing")),
        "without /v1": planned(name, asked(name, "/chat/completions", {"messages": MESSAGES})),
        "wrong method": planned(name, asked(name, chat)),
        "no key": planned(name, asked(name, chat, {"messages": MESSAGES}, key=None)),
        "wrong key": planned(name, asked(name, chat, {"messages": MESSAGES}, key="sk-wrong-000000000000")),
        "no messages": planned(name, asked(name, chat, {})),
        "bad value": planned(name, asked(name, chat, {"messages": MESSAGES, "temperature": 9})),
    }
    for status in (400, 429, 500, 503):
        reply = Reply(error=ErrorReply(status=status))
        plans[f"error {status}"] = planned(name, asked(name, chat, {"messages": MESSAGES}), reply)
    for page in getattr(BACKENDS[name], "pages", {}):
        method, _, path = page.partition(" ")
        plans[page] = planned(name, asked(name, path, {} if method == "POST" else None, method=method), None)
    return plans


@pytest.mark.parametrize("name", BACKENDS)
def test_a_backend_answers_as_it_does(name: str) -> None:
    parts = [f"=== {title}\n{shown(plan)}" for title, plan in requests(name).items()]
    golden.check(GOLDEN / f"{name}.txt", "\n".join(parts))
