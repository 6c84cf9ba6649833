"""``POST /completions``, the legacy route: prompts in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mockoai.endpoints.base import Endpoint, body, done, event
from mockoai.endpoints.logprobs import completions_logprobs, token_lists
from mockoai.endpoints.usage import completions_usage
from mockoai.plan.items import Event, Failure, Finish, Part, Refusal, Text, Usage

if TYPE_CHECKING:
    from mockoai.plan.context import Context


class Completions(Endpoint):
    """Text completions.

    There are no roles, tools or reasoning here: such parts leave no trace. A refusal is text like any other.
    """

    name = "completions"

    def check(self, context: Context) -> Failure | None:
        """Check the parameters against OpenAI's schema."""
        from mockoai.endpoints import completions_request

        return completions_request.check(context.request.fields)

    def events(self, parts: Iterable[Part], context: Context) -> Iterator[Event]:
        """Render chunks and ``[DONE]``, or one body."""
        parts = tuple(parts)
        if context.stream:
            yield from _stream(parts, context)
        else:
            yield body(parts, _body(parts, context))


def _head(context: Context) -> dict[str, Any]:
    return {"id": context.id, "object": "text_completion", "created": context.created}


def _stream(parts: Sequence[Part], context: Context) -> Iterator[Event]:
    """Yield the chunks. Unlike anywhere else, ``model`` stands behind ``choices``, as in every recording."""
    head, model = _head(context), context.model
    tail = {"usage": None} if context.include_usage else {}
    asked = any(isinstance(part, (Text, Refusal)) and part.logprob for part in parts)
    offsets: dict[int, int] = {}
    for part in parts:
        if isinstance(part, (Text, Refusal)):
            logprobs = None
            if asked:
                offset = offsets.setdefault(part.choice, _prompt_length(part.choice, context))
                logprobs = token_lists((part,), offset)
                offsets[part.choice] = offset + len(part.text)
            choice = {"text": part.text, "index": part.choice, "logprobs": logprobs, "finish_reason": None}
        elif isinstance(part, Finish):
            choice = {"text": "", "index": part.choice, "logprobs": None, "finish_reason": part.reason}
        elif isinstance(part, Usage) and context.include_usage:
            yield event(part, {**head, "choices": [], "model": model, "usage": completions_usage(part)})
            continue
        else:
            continue
        yield event(part, {**head, "choices": [choice], "model": model, **tail})
    yield done(parts)


def _body(parts: Sequence[Part], context: Context) -> dict[str, Any]:
    texts: dict[int, list[Text | Refusal]] = {}
    reasons: dict[int, str] = {}
    usage: dict[str, Any] = {}
    for part in parts:
        if isinstance(part, (Text, Refusal)):
            texts.setdefault(part.choice, []).append(part)
        elif isinstance(part, Finish):
            texts.setdefault(part.choice, [])
            reasons[part.choice] = part.reason
        elif isinstance(part, Usage):
            usage = {"usage": completions_usage(part)}
    choices = [
        {
            "text": "".join([token.text for token in tokens]),
            "index": index,
            "logprobs": completions_logprobs(tokens, _prompt_length(index, context)),
            "finish_reason": reasons.get(index),
        }
        for index, tokens in sorted(texts.items())
    ]
    return {**_head(context), "model": context.model, "choices": choices, **usage}


def _prompt_length(choice: int, context: Context) -> int:
    """Return how many characters the prompt has that ``choice`` continues: offsets count from its beginning.

    Choices of several prompts are numbered prompt by prompt, ``n`` each. A prompt of tokens counts as none,
    and so does one that is echoed, since it is then part of the text.
    """
    fields = context.request.fields
    prompt = fields.get("prompt")
    if fields.get("echo"):
        return 0
    if isinstance(prompt, list):
        position = choice // int(fields.get("n") or 1)
        prompt = prompt[position] if 0 <= position < len(prompt) else None
    return len(prompt) if isinstance(prompt, str) else 0
