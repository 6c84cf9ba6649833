"""``reply:`` and ``timing:``: what a healthy model would say, and when."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from mockoai.plan.duration import Duration
from mockoai.scenario.diagnose import Mistakes
from mockoai.scenario.model import ErrorReply, Lorem, ModelEntry, Reply, Timing, ToolCallReply, UsageReply
from mockoai.scenario.nodes import Mapping
from mockoai.scenario.record import Key, Record, against, pairs
from mockoai.scenario.scalars import AnyJson, Integer, Number, Text
from mockoai.scenario.shapes import WRONG
from mockoai.scenario.typed import register

MAX_TOKENS = 100_000
MAX_CHOICES = 128
"""The API's own limit of ``n``."""


class ReplyRecord(Record):
    """A reply; a text alone is its ``text``."""

    def _make(self, values: dict[str, Any], node: Mapping, mistakes: Mistakes) -> Any:
        tokens = values.get("tokens")
        if tokens:
            text = "".join(tokens)
            if values.setdefault("text", text) != text:
                entry = node.entry("tokens")
                assert entry is not None
                mistakes.add(
                    "bad-tokens",
                    entry[0],
                    "the tokens do not add up to `text`",
                    help="leave `text` out, or cut it anew: blanks belong to a token too",
                )
                return WRONG
        return super()._make(values, node, mistakes)


class TimingRecord(Record):
    """A timing; ``tokens_per_second`` is turned into ``between_tokens``."""

    def _extra_keys(self) -> Iterable[Key]:
        return (Key("tokens_per_second", "tokens_per_second", Number(above=0), False, None),)

    def _make(self, values: dict[str, Any], node: Mapping, mistakes: Mistakes) -> Any:
        rate = values.pop("tokens_per_second", None)
        if rate is not None:
            values["between_tokens"] = Duration.fixed(1 / rate)
        return super()._make(values, node, mistakes)


def overriding(timing: Timing, own: Timing, node: Mapping) -> Timing:
    """Return ``timing`` with what the rule's ``own`` timing, written at ``node``, says instead."""
    given = {"between_tokens" if key.text == "tokens_per_second" else key.text for key, _ in node.entries}
    return dataclasses.replace(timing, **{name: getattr(own, name) for name in given})


_COUNT = Integer(0)

register(
    UsageReply,
    Record(UsageReply, "`usage`", shapes={field.name: _COUNT for field in dataclasses.fields(UsageReply)}),
)
register(Lorem, Record(Lorem, "`lorem`", shapes={"tokens": Integer(0, MAX_TOKENS)}))
register(
    ToolCallReply,
    Record(ToolCallReply, "a tool call", shorthand=("name", Text())),
)
register(ModelEntry, Record(ModelEntry, "a model", shapes={"created": _COUNT}, shorthand=("id", Text())))
register(
    ErrorReply,
    Record(
        ErrorReply,
        "`error`",
        shapes={"status": Integer(200, 599), "body": AnyJson(null=False)},
        apart=against("body", "message", "type", "param", "code"),
    ),
)
register(
    Timing,
    TimingRecord(Timing, "`timing`", apart=pairs("between_tokens", "tokens_per_second"), home="under `timing:`"),
)
register(
    Reply,
    ReplyRecord(
        Reply,
        "`reply`",
        shapes={"choices": Integer(1, MAX_CHOICES), "json": AnyJson(null=False)},
        apart=(
            *pairs("text", "lorem", "echo", "json", "refusal", "error"),
            *against("error", "tokens", "tool_calls", "reasoning", "finish", "usage", "model", "choices"),
            *against("tokens", "lorem", "echo", "json", "refusal"),
        ),
        shorthand=("text", Text()),
        home="under `reply:`",
    ),
)
