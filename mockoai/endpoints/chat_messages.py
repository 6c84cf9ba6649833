"""The messages of ``POST /chat/completions``, as OpenAI's schema has them.

Looser than the schema, by recordings: a message may lack ``content``, and any of the six kinds of content
part may stand in a message of any role.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from mockoai.endpoints.fields import RequestModel, by_function, by_key

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
