"""Log probabilities, as chat completions and legacy completions show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mockoai.plan.items import Refusal, Text, TokenLogprob


def chat_logprobs(parts: Iterable[Text | Refusal]) -> dict[str, Any] | None:
    """Return the ``logprobs`` of a choice or a delta: lists for text and refusal; None without any."""
    content = [_token(part.logprob) for part in parts if isinstance(part, Text) and part.logprob]
    refusal = [_token(part.logprob) for part in parts if isinstance(part, Refusal) and part.logprob]
    if not content and not refusal:
        return None
    return {"content": content or None, "refusal": refusal or None}


def _token(logprob: TokenLogprob) -> dict[str, Any]:
    return {
        **_candidate(logprob.token, logprob.logprob),
        "top_logprobs": [_candidate(token, value) for token, value in logprob.top],
    }


def _candidate(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode("utf-8", "surrogatepass"))}


def completions_logprobs(parts: Sequence[Text | Refusal], offset: int) -> dict[str, Any] | None:
    """Return the ``logprobs`` of a legacy choice: lists side by side; None without any.

    ``offset`` is the number of characters before the first token.
    """
    return token_lists(parts, offset) if any(part.logprob for part in parts) else None


def token_lists(parts: Sequence[Text | Refusal], offset: int) -> dict[str, Any]:
    """Return the lists of :func:`completions_logprobs`, also for tokens of which none has a probability."""
    offsets = []
    for part in parts:
        offsets.append(offset)
        offset += len(part.text)
    # The first token of an echoed prompt has no probability: nothing stands before it.
    return {
        "tokens": [part.logprob.token if part.logprob else part.text for part in parts],
        "token_logprobs": [part.logprob.logprob if part.logprob else None for part in parts],
        "top_logprobs": [dict(part.logprob.top) if part.logprob else None for part in parts],
        "text_offset": offsets,
    }
