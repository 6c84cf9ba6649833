"""The body of ``POST /chat/completions``, as OpenAI's schema has it, and the rules between its parameters.

Stricter than the schema, each by recordings of what the API does: ``max_tokens`` and ``max_completion_tokens`` are at
least 1; ``metadata`` holds at most 16 pairs of 64 and 512 characters; ``top_logprobs`` needs ``logprobs``,
``stream_options`` needs ``stream``, ``tool_choice`` needs ``tools``; tool messages and the calls they answer belong
together; ``json_object`` needs the word in a message.

Looser, by recordings too: a message may lack ``content``, and any of the six kinds of content part may stand in a message
of any role.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from mockoai.endpoints import refusals
from mockoai.endpoints.fields import RequestModel, Schema, by_function, by_key, by_kind, chat_words
from mockoai.plan.items import Failure

# --- content of messages ----------------------------------------------------------------------------------


class CacheBreakpoint(RequestModel):
    """``prompt_cache_breakpoint`` of a content part."""

    mode: Literal["explicit"]


class ContentPart(RequestModel):
    """What all content parts share."""

    prompt_cache_breakpoint: CacheBreakpoint | None = None


class TextPart(ContentPart):
    """``{"type": "text"}``."""

    text: str


class ImageURL(RequestModel):
    """Where an image is: a URL or a ``data:`` URL."""

    url: str
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(ContentPart):
    """``{"type": "image_url"}``."""

    image_url: ImageURL


class InputAudio(RequestModel):
    """Base64 audio and its format."""

    data: str
    format: Literal["wav", "mp3"]


class InputAudioPart(ContentPart):
    """``{"type": "input_audio"}``."""

    input_audio: InputAudio


class RefusalPart(ContentPart):
    """``{"type": "refusal"}``, of an earlier answer."""

    refusal: str


class FileInput(RequestModel):
    """A file by id, or its name and base64 data."""

    filename: str | None = None
    file_data: str | None = None
    file_id: str | None = None


class FilePart(ContentPart):
    """``{"type": "file"}``."""

    file: FileInput


Part = Annotated[
    Annotated[TextPart, Tag("(text)")]
    | Annotated[ImagePart, Tag("(image_url)")]
    | Annotated[InputAudioPart, Tag("(input_audio)")]
    | Annotated[RefusalPart, Tag("(refusal)")]
    | Annotated[ContentPart, Tag("(audio)")]
    | Annotated[FilePart, Tag("(file)")],
    by_key("type", "text", "image_url", "input_audio", "refusal", "audio", "file"),
]
"""A content part. ``audio`` is in no schema, but OpenAI names it among the values it supports."""

Content = Annotated[
    Annotated[str, Tag("(string)")]
    | Annotated[list[Part], Field(min_length=1), Tag("(array)")]
    | Annotated[None, Tag("(null)")],
    by_function(
        lambda value: {str: "(string)", list: "(array)", type(None): "(null)"}.get(type(value)),
        "one of a string or array of objects",
    ),
]

# --- messages ---------------------------------------------------------------------------------------------


class Message(RequestModel):
    """A message of ``system``, ``developer`` or ``user``, and what all messages share."""

    content: Content = None
    name: str | None = None


class FunctionCall(RequestModel):
    """A call the model made: name, and arguments as the text it wrote."""

    name: str
    arguments: str


class CustomCall(RequestModel):
    """A call of a custom tool: name, and input as the text the model wrote."""

    name: str
    input: str


class FunctionToolCall(RequestModel):
    """``{"type": "function"}`` in ``tool_calls``."""

    id: str
    function: FunctionCall


class CustomToolCall(RequestModel):
    """``{"type": "custom"}`` in ``tool_calls``."""

    id: str
    custom: CustomCall


class AudioReference(RequestModel):
    """An earlier audio answer, by its id."""

    id: str


class AssistantMessage(Message):
    """What the model said before."""

    refusal: str | None = None
    audio: AudioReference | None = None
    tool_calls: (
        list[
            Annotated[
                Annotated[FunctionToolCall, Tag("(function)")] | Annotated[CustomToolCall, Tag("(custom)")],
                by_key("type", "function", "custom"),
            ]
        ]
        | None
    ) = None
    function_call: FunctionCall | None = None


class ToolMessage(Message):
    """What a tool answered."""

    tool_call_id: str


class FunctionMessage(Message):
    """What a function answered (deprecated)."""

    name: str


AnyMessage = Annotated[
    Annotated[Message, Tag("(system)")]
    | Annotated[AssistantMessage, Tag("(assistant)")]
    | Annotated[Message, Tag("(user)")]
    | Annotated[FunctionMessage, Tag("(function)")]
    | Annotated[ToolMessage, Tag("(tool)")]
    | Annotated[Message, Tag("(developer)")],
    by_key("role", "system", "assistant", "user", "function", "tool", "developer"),
]

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


class StreamOptions(RequestModel):
    """``stream_options``, of completions as well."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


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


Stop = Annotated[
    Annotated[str, Tag("(string)")] | Annotated[list[str], Field(min_length=1, max_length=4), Tag("(array)")],
    by_kind("one of a string or array of strings"),
]
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]], Field(max_length=16)
]
Tokens = Annotated[int, Field(ge=1)]
Penalty = Annotated[float, Field(ge=-2, le=2)]


class ChatRequest(RequestModel):
    """The body, less ``model``, which the gateway looks at.

    The order is the one in which the API was measured to report mistakes of type and range (August 2026); those it
    was not measured with come last.
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


_SCHEMA = Schema(
    ChatRequest,
    chat_words,
    {"metadata": "a metadata object", "modalities": "an array of one of 'text' or 'audio'"},
)


def check(body: dict[str, Any]) -> Failure | None:
    """Return what OpenAI refuses about ``body``, or None."""
    return _SCHEMA.check(body) or _between(body) or _tool_order(body["messages"])


def _between(body: dict[str, Any]) -> Failure | None:
    """Return what is wrong between parameters that are fine by themselves."""
    if body.get("stream_options") is not None and not body.get("stream"):
        return refusals.only_with("stream_options", "stream")
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        return refusals.only_with("top_logprobs", "logprobs")
    choice = body.get("tool_choice")
    if choice is not None and choice != "none" and not body.get("tools"):
        message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
        return refusals.bad_request(message, "tool_choice")
    wanted = body.get("response_format")
    if wanted and wanted["type"] == "json_object":
        if not any("json" in text.lower() for text in _texts(body["messages"])):
            message = (
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
            )
            return refusals.bad_request(message, "messages")
    return None


def _texts(messages: list[dict[str, Any]]) -> Iterator[str]:
    for message in messages:
        content = message.get("content")
        if isinstance(content, str):
            yield content
        elif content:
            yield from (part["text"] for part in content if part["type"] == "text")


def _tool_order(messages: list[dict[str, Any]]) -> Failure | None:
    """Return what is wrong between the calls in assistant messages and the tool messages that answer them."""
    calls: set[str] | None = None
    unanswered: dict[str, None] = {}
    for position, message in enumerate(messages):
        role = message["role"]
        if role == "tool":
            if calls is None:
                text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
                return refusals.bad_request(f"Invalid parameter: {text}", f"messages.[{position}].role")
            id = message["tool_call_id"]
            if id not in calls:
                text = f"'tool_call_id' of '{id}' not found in 'tool_calls' of previous message."
                return refusals.bad_request(f"Invalid parameter: {text}", f"messages.[{position}].tool_call_id")
            unanswered.pop(id, None)
            continue
        if unanswered:
            return _unanswered(unanswered, position)
        made = message.get("tool_calls") if role == "assistant" else None
        if made:
            unanswered = {call["id"]: None for call in made}
            calls = set(unanswered)
        else:
            calls = None
    return _unanswered(unanswered, len(messages) - 1) if unanswered else None


def _unanswered(ids: dict[str, None], position: int) -> Failure:
    message = (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(ids)}"
    )
    return refusals.bad_request(message, f"messages.[{position}].role")
