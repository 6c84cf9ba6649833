"""What a scenario file says, as frozen values. Reading one is ``mockoai.scenario.load``.

Every class here mirrors one mapping of the file; a field's name is its key. The docstring of a field's class
is what ``mockoai schema`` shows to editors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from mockoai.faults.base import Fault
from mockoai.keys import ApiKey, Limits
from mockoai.plan.duration import Duration
from mockoai.plan.items import Ending

Json = Any
"""Any JSON value, taken from the file as it stands."""

EndpointName = Literal["chat", "completions", "embeddings", "models", "model", "page", "unknown"]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Comparison = Literal["equals", "contains", "glob", "regex", "gt", "ge", "lt", "le", "exists"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands in its file; lines and columns count from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison of one value of the request: ``{ contains: weather }``; a bare value means ``equals``."""

    how: Comparison
    value: Json


@dataclass(frozen=True, slots=True)
class CallRange:
    """``2``, ``2..3``, ``2..`` or ``..3``: the nth matching call in the session, counted from 1."""

    first: int = 1
    last: int | None = None

    def __contains__(self, number: int) -> bool:
        return self.first <= number and (self.last is None or number <= self.last)

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        if self.last is None:
            return f"{self.first}.."
        return f"{'' if self.first == 1 else self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class When:
    """What a request must look like for a rule to answer it; all that is given must hold.

    ``endpoint``: the route that was asked, or a list of them. ``method``: the HTTP method, or a list of them.
    ``stream``: whether a stream was asked for. ``model``: a glob, or a list of them, that the model matches.
    ``message``: tests of the last user message. ``header``: tests by header name. ``body``: tests by path into the
    body, such as ``tools[0].function.name``, or ``tools[*].function.name`` for any of them. ``call``: which calls of
    the session, counted among those that meet all other conditions. ``chance``: how likely it is, from 0 to 1, drawn
    last, from the seed.
    """

    endpoint: tuple[EndpointName, ...] = ()
    method: tuple[Method, ...] = ()
    stream: bool | None = None
    model: tuple[str, ...] = ()
    message: tuple[Test, ...] = ()
    header: tuple[tuple[str, tuple[Test, ...]], ...] = ()
    body: tuple[tuple[str, tuple[Test, ...]], ...] = ()
    call: CallRange | None = None
    chance: float | None = None


AT_ONCE = Duration.fixed(0.0)
"""No time at all."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When a healthy answer's parts leave.

    ``headers``: from the request to the head. ``first_token``: from the head to the first token. ``between_tokens``:
    from token to token. ``before_done``: from the last token to ``[DONE]``. ``tokens_per_second``: another way to say
    ``between_tokens``.
    """

    headers: Duration = AT_ONCE
    first_token: Duration = AT_ONCE
    between_tokens: Duration = AT_ONCE
    before_done: Duration = AT_ONCE

    @property
    def fixed(self) -> bool:
        """Whether no part of it is drawn."""
        return all(
            one.shape == "fixed" for one in (self.headers, self.first_token, self.between_tokens, self.before_done)
        )


@dataclass(frozen=True, slots=True)
class ToolCallReply:
    """A call the model makes: ``{ name: get_weather, arguments: { city: Paris } }``, or the name alone.

    ``name``: the tool that is called; without it the first that the request offers, in a second call the second.
    ``arguments``: what it is called with, as JSON, or as a text that is sent as it is; without them what the tool's
    schema allows. ``id``: the id of the call, made from the seed when it is not given.
    """

    name: str | None = None
    arguments: Json = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An error instead of an answer: ``{ status: 429, message: "…", code: rate_limit_exceeded }``.

    ``status``: the HTTP status. ``message``: what the error says. ``type``: the ``type`` of the error object.
    ``param``: the ``param`` of the error object. ``code``: the ``code`` of the error object. ``headers``: headers
    besides, or instead of, the backend's. ``body``: the whole body, of a server that is not the backend and has none of
    its headers; a string as it stands, anything else as JSON. ``content_type``: the type of that body. ``reason``: the
    reason phrase of the status line.
    """

    status: int = 500
    message: str = ""
    type: str | None = None
    param: str | None = None
    code: str | int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: Json = None
    content_type: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class UsageReply:
    """Token counts to report instead of the true ones.

    ``prompt_tokens``: tokens of the request. ``completion_tokens``: tokens of the answer. ``reasoning_tokens``: those
    of the answer that are reasoning. ``cached_tokens``: those of the request that were cached.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Lorem:
    """Placeholder text.

    ``tokens``: how many tokens of it.
    """

    tokens: int = 64


@dataclass(frozen=True, slots=True)
class Reply:
    """What a healthy model would say. Fields left out are what a healthy model would do by itself.

    At most one of ``text``, ``lorem``, ``echo``, ``json``, ``refusal`` and ``error`` can be given.

    ``text``: this text. ``tokens``: how ``text`` is cut, when the tokenizer's cut is not wanted. ``lorem``:
    placeholder text. ``echo``: the last user message. ``tool_calls``: calls the model makes, alone or besides
    ``text``. ``json``: this JSON value, as text. ``refusal``: a refusal in these words. ``reasoning``: what the model
    thinks before it answers. ``error``: an error instead of an answer. ``finish``: the finish reason. ``usage``: token
    counts instead of the true ones. ``model``: the model that the answer names. ``choices``: how many choices,
    whatever was asked for.
    """

    text: str | None = None
    tokens: tuple[str, ...] = ()
    lorem: Lorem | None = None
    echo: bool = False
    tool_calls: tuple[ToolCallReply, ...] = ()
    json: Json = None
    refusal: str | None = None
    reasoning: str | None = None
    error: ErrorReply | None = None
    finish: str | None = None
    usage: UsageReply | None = None
    model: str | None = None
    choices: int | None = None


@dataclass(frozen=True, slots=True)
class LiteralEvent:
    """One entry of ``events:``: an SSE event, a comment, or a wait.

    ``data``: the payload, JSON, or a text as it stands. ``event``: the name of the event. ``id``: the id of the event.
    ``retry``: when to reconnect, in milliseconds. ``comment``: a comment instead of an event. ``wait``: silence instead
    of an event (kept in seconds). ``done``: the event that ends a stream, ``[DONE]``.
    """

    data: Json = None
    has_data: bool = False
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class LiteralWire:
    """``wire:``: bytes and waits (seconds), then an end."""

    steps: tuple[bytes | float, ...] = ()
    end: Ending = "clean"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One entry of ``expect:``, kept as (name, value) for the verdict. ``span``: where it stands in its file."""

    name: str
    value: Json
    span: Span = field(default=Span(), compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """``when`` a request looks like this, give this ``reply`` with these ``timing`` and ``faults``.

    ``name``: what it is called in reports. ``when``: what a request must look like, anything without it. ``reply``:
    what a healthy model would say, a text alone as it stands. ``timing``: when the parts leave, laid over the
    scenario's timing. ``faults``: what goes wrong. ``events``: literal SSE events instead of a reply. ``wire``: literal
    bytes instead of a whole answer. ``span``: where it stands in its file.
    """

    name: str = ""
    when: When = When()
    reply: Reply | None = None
    timing: Timing | None = None
    faults: tuple[Fault, ...] = ()
    events: tuple[LiteralEvent, ...] | None = None
    wire: LiteralWire | None = None
    span: Span = Span()


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of ``models:``; a bare name is an entry with defaults.

    ``id``: its name. ``owned_by``: whose it is. ``created``: when it was made, in seconds since 1970.
    """

    id: str
    owned_by: str | None = None
    created: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file.

    ``id``: how it is addressed. ``title``: what happens, in a line. ``description``: what happens, in more words.
    ``category``: its place in the catalogue. ``who``: who was seen doing it. ``evidence``: how that is known.
    ``sound_client``: what a sound client does about it. ``nearest``: why the wire is not exactly the failure, where it
    is not. ``backend``: the server that is imitated. ``seed``: what everything random is drawn from. ``clock``: the
    time that answers show, frozen, in seconds since 1970. ``timing``: when the parts of a healthy answer leave.
    ``models``: the model list, instead of the backend's. ``keys``: the API keys that are accepted, instead of the
    server's. ``limits``: what each of them may ask for in a minute. ``fallback``: what answers a request that no rule
    matches: an error, an echo or placeholder text. ``rules``: what is answered, by the first rule that matches.
    ``expect``: what must have happened when the run is over. ``source``: the file, for messages.
    """

    id: str
    title: str = ""
    description: str = ""
    category: str = ""
    who: str = ""
    evidence: str = ""
    sound_client: str = ""
    nearest: str = ""
    backend: str = "openai"
    seed: int = 0
    clock: float | None = None
    timing: Timing = Timing()
    models: tuple[ModelEntry, ...] | None = None
    keys: tuple[ApiKey, ...] = ()
    limits: Limits | None = None
    fallback: Literal["strict", "echo", "lorem"] = "strict"
    rules: tuple[Rule, ...] = (Rule(),)
    expect: tuple[Expectation, ...] = ()
    source: str = ""


HEALTHY = Scenario(id="healthy", title="A healthy server", rules=(Rule(name="healthy"),))
"""What is served when nothing else was asked for."""
