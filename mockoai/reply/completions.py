"""Healthy answers to the legacy ``/v1/completions``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mockoai.plan.context import Context
from mockoai.plan.items import Part, Text
from mockoai.reply.answer import Answer, Meter, speak, together
from mockoai.reply.bounds import Tally
from mockoai.reply.limits import limited, number, stop_sequences
from mockoai.reply.logprobs import Logprobs
from mockoai.reply.prose import healthy
from mockoai.reply.scripted import scripted
from mockoai.reply.tokens import count, decode, split
from mockoai.reply.usage import usage
from mockoai.scenario.model import Reply

MAX_TOKENS = 16
"""Tokens of an answer when the request sets no limit (API: ``max_tokens``)."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt, and its length in tokens."""

    text: str
    tokens: int


def completions(reply: Reply, context: Context) -> tuple[Part, ...]:
    """Return the tokens of all choices in turn, a finish per choice, and the usage.

    There are ``n`` choices to a prompt; choice c of prompt p has the index p * n + c. With ``echo`` the
    prompt comes first, as one part, or token by token with ``logprobs``; its tokens are not counted again.
    The first of them has no log probability, as nothing comes before it. ``best_of`` and ``suffix`` are taken
    and change nothing. Raises AnswerTooLargeError when all that is more than an answer may hold.
    """
    fields = context.request.fields
    model = context.request.model
    limit = number(fields.get("max_tokens"))
    top = number(fields.get("logprobs"))
    logprobs = None if top is None else Logprobs(context.content.child("logprobs"), top)
    stops = stop_sequences(fields)
    each = reply.choices or number(fields.get("n")) or 1
    asked = prompts(context)
    echo = fields.get("echo") is True
    tally = Tally(each * len(asked), 0 if top is None else max(top, 1), "logprobs")
    meter = Meter()
    voices: list[Iterator[Part]] = []
    for index in range(each * len(asked)):
        prompt = asked[index // each]
        answer = limited(_answer(reply, context, index), MAX_TOKENS if limit is None else limit, stops)
        tally.add(answer)
        if echo:
            # Without log probabilities the prompt is one part; its tokens are no tokens of the answer.
            pieces = 1 if logprobs is None else prompt.tokens
            tally.count(pieces, len(prompt.text), pieces)
        voice = speak(answer, index, meter, logprobs, reply.finish, role=False)
        if echo and prompt.text:
            voice = _echoed(prompt.text, model, index, meter, logprobs, voice)
        voices.append(voice)
    parts = together(voices)
    parts.append(usage(reply, meter, sum([prompt.tokens for prompt in asked])))
    return tuple(parts)


def prompts(context: Context) -> list[Prompt]:
    """Return the prompts of a request: a text, texts, token ids, or lists of these; one, empty, when it has none."""
    model = context.request.model
    given = context.request.fields.get("prompt")
    if isinstance(given, str):
        return [Prompt(given, count(given, model))]
    if not isinstance(given, list) or not given:
        return [Prompt("", 1)]  # the document separator, which a model sees in front of every text
    if all(isinstance(one, int) for one in given):
        given = [given]
    asked: list[Prompt] = []
    for one in given:
        if isinstance(one, str):
            asked.append(Prompt(one, count(one, model)))
        elif isinstance(one, list):
            asked.append(Prompt(decode(one, model), len(one)))
        else:
            asked.append(Prompt("", 0))
    return asked


def _answer(reply: Reply, context: Context, index: int) -> Answer:
    seed = context.content.child("choice", index)
    text = scripted(reply, context, seed)
    if text is None:
        # A model that continues a text puts a space between it and what it adds.
        said = reply.refusal if reply.refusal is not None else " " + healthy(seed)
        text = split(said, context.request.model)
    return Answer(text)


def _echoed(
    text: str, model: str, index: int, meter: Meter, logprobs: Logprobs | None, voice: Iterator[Part]
) -> Iterator[Part]:
    if logprobs is None:
        yield Text(tokens=meter.tokens, choice=index, text=text)
    else:
        for place, piece in enumerate(split(text, model)):
            logprob = logprobs.of(piece, index, -1 - place) if place else None
            yield Text(tokens=meter.tokens, choice=index, text=piece, logprob=logprob)
    yield from voice
