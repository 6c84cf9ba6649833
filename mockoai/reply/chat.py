"""Healthy answers to ``/v1/chat/completions``."""

from __future__ import annotations

from collections.abc import Iterator

from mockoai.jsonvalue import compact
from mockoai.plan.context import Context
from mockoai.plan.items import Part
from mockoai.reply import tools
from mockoai.reply.answer import Answer, Meter, speak, together
from mockoai.reply.bounds import Tally
from mockoai.reply.limits import limited, number, stop_sequences
from mockoai.reply.logprobs import Logprobs
from mockoai.reply.prose import healthy
from mockoai.reply.schema import instance
from mockoai.reply.scripted import scripted
from mockoai.reply.tokens import count_messages, split
from mockoai.reply.usage import usage
from mockoai.scenario.model import Reply
from mockoai.seed import Seed


def chat(reply: Reply, context: Context) -> tuple[Part, ...]:
    """Return a role per choice, the tokens of all choices in turn, a finish per choice, and the usage.

    Raises AnswerTooLargeError when that is more than an answer may hold.
    """
    fields = context.request.fields
    limit = number(fields.get("max_completion_tokens"))
    if limit is None:
        limit = number(fields.get("max_tokens"))
    stops = stop_sequences(fields)
    count = reply.choices or number(fields.get("n")) or 1
    logprobs, alternatives = None, 0
    if fields.get("logprobs") is True:
        logprobs = Logprobs(context.content.child("logprobs"), number(fields.get("top_logprobs")) or 0)
        alternatives = max(logprobs.top, 1)
    offered = tools.choice(fields)
    meter, tally = Meter(), Tally(count, alternatives)
    voices: list[Iterator[Part]] = []
    for index in range(count):
        answer = limited(_answer(reply, offered, context, index), limit, stops)
        tally.add(answer)
        voices.append(speak(answer, index, meter, logprobs, reply.finish))
    parts = together(voices)
    parts.append(usage(reply, meter, _prompt_tokens(context)))
    return tuple(parts)


def _prompt_tokens(context: Context) -> int:
    fields = context.request.fields
    return count_messages(fields.get("messages"), fields.get("tools") or fields.get("functions"), context.request.model)


def _answer(reply: Reply, offered: tools.Choice, context: Context, index: int) -> Answer:
    """Return what choice ``index`` says when nothing cuts it short."""
    model = context.request.model
    seed = context.content.child("choice", index)
    reasoning = split(reply.reasoning, model) if reply.reasoning else ()
    text = scripted(reply, context, seed)
    if reply.refusal is not None:
        return Answer(split(reply.refusal, model), reasoning, refused=True)
    if reply.tool_calls:
        calls = tools.scripted_calls(reply.tool_calls, offered, seed, model)
        return Answer(text or (), reasoning, calls, finish=offered.finish)
    if text is not None:
        return Answer(text, reasoning)
    if offered.forced:
        return Answer((), reasoning, (tools.forced_call(offered, seed, model),), finish=offered.finish)
    return Answer(split(_unscripted(context, seed), model), reasoning)


def _unscripted(context: Context, seed: Seed) -> str:
    """Return what a healthy model says by itself: text, or JSON of the shape that is asked for."""
    wanted = context.request.fields.get("response_format")
    if not isinstance(wanted, dict):
        return healthy(seed)
    kind = wanted.get("type")
    if kind == "json_schema":
        named = wanted.get("json_schema")
        schema = named.get("schema") if isinstance(named, dict) else None
        return compact(instance({"type": "object"} if schema is None else schema, seed.child("json")))
    if kind == "json_object":
        return compact({"answer": healthy(seed), "confidence": 50 + seed.integer(0, 49)})
    return healthy(seed)
