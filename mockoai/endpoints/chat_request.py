"""The body of ``POST /chat/completions``, as OpenAI's schema has it.

Stricter than the schema, by recordings of what the API does: ``max_tokens`` and ``max_completion_tokens`` are
at least 1; ``metadata`` holds at most 16 pairs of 64 and 512 characters.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from mockoai.endpoints.chat_messages import AnyMessage, Part
from mockoai.endpoints.fields import (
    Penalty,
    RequestModel,
    Schema,
    Stop,
    StreamOptions,
    by_function,
    by_key,
    by_kind,
    chat_words,
)

# --- tools ------------------------------------------------------------------------------------------------


class FunctionDefinition(RequestModel):
    """A function the model may call; ``parameters`` is a JSON Schema."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionTool(RequestModel):
    """``{"type": "function"}`` in ``tools``."""

    function: FunctionDefinition


class TextFormat(RequestModel):
    """Free text as the input of a custom tool."""


class Grammar(RequestModel):
    """A grammar and the language it is written in."""

    definition: str
    syntax: Literal["lark", "regex"]


class GrammarFormat(RequestModel):
    """Text that follows a grammar as the input of a custom tool."""

    grammar: Grammar


class CustomDefinition(RequestModel):
    """A custom tool."""

    name: str
    description: str | None = None
    format: (
        Annotated[
            Annotated[TextFormat, Tag("(text)")] | Annotated[GrammarFormat, Tag("(grammar)")],
            by_key("type", "text", "grammar"),
        ]
        | None
    ) = None


class CustomTool(RequestModel):
    """``{"type": "custom"}`` in ``tools``."""

    custom: CustomDefinition


class Named(RequestModel):
    """Something called by its ``name``."""

    name: str


class FunctionChoice(RequestModel):
    """``tool_choice`` of one function. Its ``type`` is not looked at, as it is not at OpenAI."""

    function: Named


class CustomChoice(RequestModel):
    """``tool_choice`` of one custom tool."""

    custom: Named


class AllowedTools(RequestModel):
    """The tools a call may be chosen from."""

    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


class AllowedToolsChoice(RequestModel):
    """``tool_choice`` of some of the tools."""

    allowed_tools: AllowedTools


def _choice(value: Any) -> str | None:
    if isinstance(value, dict):
        return {"allowed_tools": "(allowed)", "custom": "(custom)"}.get(str(value.get("type")), "(function)")
    return "(mode)" if isinstance(value, str) else None


ToolChoice = Annotated[
    Annotated[Literal["none", "auto", "required"], Tag("(mode)")]
    | Annotated[AllowedToolsChoice, Tag("(allowed)")]
    | Annotated[FunctionChoice, Tag("(function)")]
    | Annotated[CustomChoice, Tag("(custom)")],
    by_function(_choice, "one of one of 'none', 'auto', or 'required' or object"),
]

# --- output -----------------------------------------------------------------------------------------------


class JsonSchema(RequestModel):
    """The schema an answer must follow."""

    name: str
    description: str | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    strict: bool | None = None


class JsonSchemaFormat(RequestModel):
    """``response_format`` of ``json_schema``."""

    json_schema: JsonSchema


class PlainFormat(RequestModel):
    """``response_format`` of ``text`` and ``json_object``."""


class CustomVoice(RequestModel):
    """A voice of one's own."""

    id: str


class AudioOutput(RequestModel):
    """How the answer is to be spoken."""

    voice: Annotated[
        Annotated[str, Tag("(string)")] | Annotated[CustomVoice, Tag("(object)")],
        by_kind("one of a string or object"),
    ]
    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]


class Prediction(RequestModel):
    """What the answer will mostly be."""

    type: Literal["content"]
    content: Annotated[
        Annotated[str, Tag("(string)")] | Annotated[list[Part], Field(min_length=1), Tag("(array)")],
        by_kind("one of a string or array of objects"),
    ]


# --- the rest ---------------------------------------------------------------------------------------------


class Location(RequestModel):
    """Roughly where the user is."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    timezone: str | None = None


class UserLocation(RequestModel):
    """``user_location`` of ``web_search_options``."""

    type: Literal["approximate"]
    approximate: Location


class WebSearchOptions(RequestModel):
    """``web_search_options``."""

    user_location: UserLocation | None = None
    search_context_size: Literal["low", "medium", "high"] | None = None


class ModerationMode(RequestModel):
    """What to do with one side of the exchange."""

    mode: Literal["score", "block"]


class ModerationPolicy(RequestModel):
    """What to do with what goes in and what comes out."""

    input: ModerationMode | None = None
    output: ModerationMode | None = None


class Moderation(RequestModel):
    """``moderation``."""

    model: str
    policy: ModerationPolicy | None = None


class PromptCacheOptions(RequestModel):
    """``prompt_cache_options``."""

    ttl: Literal["30m"] | None = None
    mode: Literal["implicit", "explicit"] | None = None


Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]], Field(max_length=16)
]
Tokens = Annotated[int, Field(ge=1)]


class ChatRequest(RequestModel):
    """The body, less ``model``, which the gateway looks at.

    The order is the one in which the API was measured to report mistakes of type and range (August 2026);
    those it was not measured with come last.
    """

    messages: Annotated[list[AnyMessage], Field(min_length=1)]
    functions: Annotated[list[FunctionDefinition], Field(min_length=1, max_length=128)] | None = None
    function_call: (
        Annotated[
            Annotated[Literal["none", "auto"], Tag("(string)")] | Annotated[Named, Tag("(object)")],
            by_kind("one of one of 'none' or 'auto' or object"),
        ]
        | None
    ) = None
    tools: (
        list[
            Annotated[
                Annotated[FunctionTool, Tag("(function)")] | Annotated[CustomTool, Tag("(custom)")],
                by_key("type", "function", "custom"),
            ]
        ]
        | None
    ) = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_completion_tokens: Tokens | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    user: str | None = None
    seed: Annotated[int, Field(ge=-(2**63), le=2**63)] | None = None
    moderation: Moderation | None = None
    safety_identifier: Annotated[str, Field(max_length=64)] | None = None
    prompt_cache_options: PromptCacheOptions | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    response_format: (
        Annotated[
            Annotated[PlainFormat, Tag("(json_object)")]
            | Annotated[JsonSchemaFormat, Tag("(json_schema)")]
            | Annotated[PlainFormat, Tag("(text)")],
            by_key("type", "json_object", "json_schema", "text"),
        ]
        | None
    ) = None
    service_tier: Literal["auto", "default", "fast", "flex", "priority", "scale"] | None = None
    max_tokens: Tokens | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    logit_bias: dict[str, int] | None = None
    stop: Stop | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    store: bool | None = None
    metadata: Metadata | None = None
    prediction: Prediction | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    audio: AudioOutput | None = None
    web_search_options: WebSearchOptions | None = None


SCHEMA = Schema(
    ChatRequest,
    chat_words,
    {"metadata": "a metadata object", "modalities": "an array of one of 'text' or 'audio'"},
)
