"""Requests put to the reply layer, without a server."""

from __future__ import annotations

from typing import Any

import orjson

from mockoai.backends import BACKENDS
from mockoai.plan.context import Context
from mockoai.plan.items import Finish, Model, Part, Reasoning, Refusal, Text, ToolCall, Usage
from mockoai.reply.compose import compose
from mockoai.request import Request
from mockoai.scenario.model import Reply
from mockoai.seed import Seed

USER = [{"role": "user", "content": "What is the weather in Paris?"}]


def context(
    endpoint: str = "chat",
    *,
    seed: int = 0,
    models: tuple[Model, ...] = (),
    parameters: tuple[tuple[str, str], ...] = (),
    **fields: Any,
) -> Context:
    """Return the context of a request to ``endpoint`` with these ``fields``; a chat gets a message by itself."""
    if endpoint == "chat":
        fields = {"model": "gpt-4o", "messages": USER, **fields}
    body = orjson.dumps(fields)
    request = Request("POST", "/v1/any", body=body, endpoint=endpoint, parameters=parameters)
    content = Seed(seed).child(endpoint, body)
    # The reply layer looks at no backend.
    return Context(request=request, backend=BACKENDS["openai"], seed=content, content=content, now=0.0, models=models)


def ask(reply: Reply | None = None, endpoint: str = "chat", **options: Any) -> tuple[Part, ...]:
    """Return the parts of the answer to a request, as :func:`context` makes it."""
    return compose(reply, context(endpoint, **options))


def text(parts: tuple[Part, ...], choice: int = 0) -> str:
    """Return the text, or the refusal, of ``choice``."""
    return "".join([one.text for one in parts if isinstance(one, (Text, Refusal)) and one.choice == choice])


def arguments(parts: tuple[Part, ...], index: int = 0, choice: int = 0) -> str:
    """Return the arguments of the tool call at ``index``."""
    calls = [one for one in parts if isinstance(one, ToolCall) and one.choice == choice]
    return "".join([one.arguments for one in calls if one.index == index])


def reason(parts: tuple[Part, ...], choice: int = 0) -> str:
    """Return why ``choice`` finished."""
    (finish,) = [one for one in parts if isinstance(one, Finish) and one.choice == choice]
    return finish.reason


def usage(parts: tuple[Part, ...]) -> Usage:
    """Return the usage, which comes last."""
    last = parts[-1]
    assert isinstance(last, Usage)
    return last


def counted(parts: tuple[Part, ...]) -> int:
    """Return the number of tokens there are, counted part by part; the head of a tool call is none."""
    return sum([isinstance(one, (Text, Refusal, Reasoning)) or _is_fragment(one) for one in parts])


def _is_fragment(part: Part) -> bool:
    return isinstance(part, ToolCall) and part.name is None
