"""What one answer may hold, so that no request keeps the server from all the others.

What a request asks for multiplies: choices by tokens by alternatives of each token, inputs by dimensions. An answer is
made whole before its first byte is sent, so its size is time and memory. The bounds are the most that OpenAI itself
can be asked for in one dimension: the longest answer of a model, that with all its alternatives, the largest batch of
embeddings. They are counted before anything is made that they bound; an answer that would hold more is refused with
:data:`CODE`.
"""

from __future__ import annotations

from mockoai.plan.items import Failure
from mockoai.reply.answer import Answer
from mockoai.reply.limits import number
from mockoai.request import Request
from mockoai.scenario.model import Reply

CODE = "answer-too-large"
"""The code of the refusal."""

MAX_TOKENS = 131_072
"""Tokens of all choices together; a choice without any counts as one."""

MAX_CHARACTERS = 16 * 1024 * 1024
"""Characters of all choices together. A piece of a very long text is one token, whatever its length."""

MAX_LOGPROBS = 327_680
"""Log probabilities of all choices together: 16,384 tokens with 20 alternatives each."""

MAX_NUMBERS = 2048 * 3072
"""Numbers of all vectors together: the most inputs, with the longest vector that an OpenAI model makes."""


class AnswerTooLargeError(Exception):
    """An answer would hold more than it may; ``failure`` is what answers instead."""

    def __init__(self, what: str, most: int, help: str, param: str | None) -> None:
        message = f"This answer would hold more than {most:,} {what}, the most that mockoai makes for a request. {help}"
        super().__init__(message)
        self.failure = Failure(status=400, message=message, param=param, code=CODE)


class Tally:
    """Counts what the choices of an answer hold while they are put together.

    ``alternatives`` is how many log probabilities there are of each token of the text: 0 without any. ``choices`` is
    how many choices there will be, and ``logprobs`` the request's name for the number of alternatives.
    """

    def __init__(self, choices: int, alternatives: int = 0, logprobs: str = "top_logprobs") -> None:
        self.tokens = 0
        self.characters = 0
        self.logprobs = 0
        self._choices = choices
        self._alternatives = alternatives
        self._name = logprobs

    def add(self, answer: Answer) -> None:
        """Count a choice; raises AnswerTooLargeError when it is too much with what there is."""
        spoken = [answer.reasoning, answer.text, *[call.arguments for call in answer.calls]]
        tokens = sum([len(pieces) for pieces in spoken])
        characters = sum([len(piece) for pieces in spoken for piece in pieces])
        self.count(tokens, characters, len(answer.text))

    def count(self, tokens: int, characters: int, probable: int) -> None:
        """Count ``tokens``, of which ``probable`` have log probabilities; raises AnswerTooLargeError as :meth:`add`."""
        self.tokens += max(tokens, 1)
        self.characters += characters
        self.logprobs += probable * self._alternatives
        if self.logprobs > MAX_LOGPROBS:
            help = f"Ask for fewer alternatives (`{self._name}`), choices (`n`) or tokens."
            raise AnswerTooLargeError("log probabilities", MAX_LOGPROBS, help, self._name)
        if self.tokens > MAX_TOKENS:
            self._refuse("tokens", MAX_TOKENS)
        if self.characters > MAX_CHARACTERS:
            self._refuse("characters", MAX_CHARACTERS)

    def _refuse(self, what: str, most: int) -> None:
        help = "Ask for fewer choices (`n`)." if self._choices > 1 else "Ask for fewer tokens."
        raise AnswerTooLargeError(what, most, help, "n" if self._choices > 1 else None)


def check_numbers(vectors: int, size: int) -> None:
    """Raise AnswerTooLargeError when ``vectors`` of ``size`` numbers each are more than an answer may hold."""
    if vectors * size > MAX_NUMBERS:
        help = "Ask for fewer inputs at a time, or for fewer `dimensions`."
        raise AnswerTooLargeError("numbers", MAX_NUMBERS, help, "input")


LONG = 4_096
"""Tokens of a stream that are planned in some 50 ms: what is longer should not keep others waiting."""

MANY_NUMBERS = 200_000
MANY_BYTES = 256 * 1024

_USUAL = 48  # tokens that a model says by itself
_LONGEST_VECTOR = 3072
_LETTERS = 3  # characters of a token, at least, of most texts


def large(reply: Reply | None, request: Request) -> bool:
    """Whether the answer to ``request``, with ``reply`` if there is one, takes long to make. A quick estimate."""
    fields = request.fields
    if len(request.body) > MANY_BYTES:
        return True
    given = fields.get("input")
    if isinstance(given, list):
        return len(given) * (number(fields.get("dimensions")) or _LONGEST_VECTOR) > MANY_NUMBERS
    choices = number(fields.get("n")) or 1
    tokens = _USUAL
    if reply is not None:
        choices = reply.choices or choices
        if reply.lorem is not None:
            tokens = reply.lorem.tokens
        elif reply.echo:
            tokens = len(request.body) // _LETTERS
        else:
            said = (reply.text, reply.reasoning, reply.refusal)
            tokens += len(reply.tokens) + sum([len(text) for text in said if text]) // _LETTERS
    prompt = fields.get("prompt")
    if isinstance(prompt, list):
        choices *= max(len(prompt), 1)
    asked = fields.get("logprobs")
    alternatives = (number(fields.get("top_logprobs")) if asked is True else number(asked)) or 0
    return tokens * choices * (4 + alternatives) > 4 * LONG
