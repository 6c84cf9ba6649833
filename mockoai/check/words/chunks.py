"""What is said about failures of the category ``chunks``."""

from __future__ import annotations

from mockoai.check.words import Words

_FINE = "SDKs read it."
_LOOP = "Code that reads `choices[0].delta` without looking fails."
_GUARD = "Skip chunks without choices in clients."

WORDS: dict[str, Words] = {
    "role-missing": Words("info", _FINE, "Take `assistant` where no role is given."),
    "role-every-chunk": Words(
        "info", f"{_FINE} Code that joins deltas makes `assistantassistant`.", "Send the role once."
    ),
    "role-empty-string": Words(
        "warning", "`@ai-sdk/openai` rejects the chunk and loses its text.", "Send `assistant`, or no role."
    ),
    "role-null": Words("info", _FINE, "Leave the role out where there is none."),
    "role-unknown": Words("error", "Both of the AI SDK's providers drop the text.", "Send `assistant`."),
    "choices-empty-first-azure": Words("error", f"{_LOOP} More than ten projects met it.", _GUARD),
    "choices-null": Words("error", f"{_LOOP} The AI SDK reports an error.", f"Send an empty array. {_GUARD}"),
    "choices-missing": Words("error", f"{_LOOP} The AI SDK reports an error.", f"Send an empty array. {_GUARD}"),
    "delta-null": Words("error", _LOOP, "Send an empty object. Skip choices without a delta in clients."),
    "delta-missing-azure-annotations": Words(
        "error",
        f"{_LOOP} What it says of the filter may come after the text was shown.",
        "Skip choices without a delta in clients.",
    ),
    "content-null": Words("info", _FINE, "Take null for no text."),
    "content-parts-array": Words(
        "error",
        "openai-python's users add a list to a text and fail; those in JavaScript show `[object Object]`.",
        "Send thinking in a field of its own, and the content as a text.",
    ),
    "content-non-string": Words("error", "Code that adds it to a text fails.", "Send the content as a text."),
    "first-chunk-with-content": Words(
        "info",
        f"{_FINE} Measures of the first token that wait for a chunk with the role alone are wrong.",
        "Nothing to do.",
    ),
    "finish-own-chunk": Words("info", "All of them read it: it is OpenAI's way.", "Nothing to do."),
    "finish-with-content": Words(
        "info",
        "SDKs read it; loops that break at the reason lose the last token.",
        "Read the content before the reason.",
    ),
    "finish-missing": Words(
        "error",
        "openai-python and openai-node say nothing; the AI SDK takes the answer for cut.",
        "Send `finish_reason` with the last chunk.",
    ),
    "finish-key-absent": Words("info", _FINE, "Take a missing reason for null."),
    "finish-empty-string": Words(
        "warning", "Code that tests for `is not None` stops at the first chunk.", "Send null until the end."
    ),
    "finish-string-null": Words(
        "warning",
        "LangChain joins it to `nullnullstop`; code that tests for a reason stops at the first chunk.",
        "Send null.",
    ),
    "finish-twice": Words("warning", "LangChain joins them to `stopstop`.", "Send the reason once."),
    "finish-unknown": Words(
        "warning",
        "The AI SDK says `other`, LiteLLM `stop`.",
        "Send one of stop, length, tool_calls and content_filter.",
    ),
    "finish-error": Words(
        "error",
        "openai-python, openai-node and LangChain take it for an end.",
        "Send an error as well. Take this reason for a failure in clients.",
    ),
    "finish-uppercase": Words("warning", "The AI SDK says `other`.", "Send the reason in lower case."),
    "finish-length-hidden": Words(
        "error",
        "They take half an answer for whole, and may run a tool with half of its arguments.",
        "Send `length` when a limit cuts the answer.",
    ),
    "content-after-finish": Words(
        "error", "They accept it; loops that stop at the reason lose it.", "Send the reason behind the last text."
    ),
    "id-empty": Words("info", f"{_FINE} Code that tells answers apart by id takes all for one.", "Send an id."),
    "id-missing-or-null": Words("info", f"{_FINE} Typed clients fail.", "Send an id."),
    "id-changes": Words(
        "info", f"{_FINE} Code that gathers chunks by id splits the answer.", "Send one id in an answer."
    ),
    "created-missing": Words(
        "info", f"{_FINE} Typed clients in Go, Rust and Java fail.", "Send `created` and `object`."
    ),
    "created-float": Words("info", f"{_FINE} Clients that type it as a whole number fail.", "Send whole seconds."),
    "created-string": Words("error", "The AI SDK rejects every chunk.", "Send whole seconds since 1970."),
    "model-missing-or-alias": Words(
        "info",
        "Tables of prices by model do not find it.",
        "Count by the model that was asked for, or by that which answered.",
    ),
    "object-wrong": Words("info", f"{_FINE} Strict ones reject it.", "Send `chat.completion.chunk` in streams."),
    "index-missing": Words("warning", "`@ai-sdk/openai` rejects the chunk.", "Send `index`."),
    "service-tier-unknown": Words("info", f"{_FINE} Closed lists of tiers reject it.", "Nothing to do."),
    "extra-fields": Words("info", f"{_FINE} Closed schemas reject it.", "Ignore fields that are not known."),
    "text-instead-of-delta": Words("error", f"{_LOOP} The AI SDK shows no text.", "Put the text into `delta.content`."),
    "message-instead-of-delta": Words("error", f"{_LOOP} The AI SDK shows no text.", "Send `delta` in streams."),
    "reasoning-content": Words(
        "info",
        "openai-python and openai-node hold it as an extra field; LangChain and `@ai-sdk/openai` do not show it.",
        "Nothing to do.",
    ),
    "reasoning-field": Words(
        "info",
        "openai-python and openai-node hold it as an extra field; LangChain and `@ai-sdk/openai` do not show it.",
        "Nothing to do.",
    ),
    "think-tags-in-content": Words(
        "warning", "They show it to the user.", "Give the server a parser for reasoning, or cut the tags out."
    ),
    "reasoning-only-answer": Words(
        "error", "They return an empty answer; agents loop.", "Raise the limit of tokens, or ask for less reasoning."
    ),
    "refusal-delta": Words(
        "info", "They must look at `refusal`; the content is empty.", "Read `refusal` where the content is empty."
    ),
    "logprobs-wrong-shape": Words("info", _FINE, 'Send `{"content": […]}` in chats, or null.'),
    "logprobs-drop-finish": Words(
        "error",
        "They take the answer for cut, or say nothing.",
        "Ask without log probabilities, or send the reason with them.",
    ),
    "n-interleaved": Words(
        "info",
        "Loops over `choices[0]` mix the answers, in every client that was tried.",
        "Gather text by `index`, or ask for one choice.",
    ),
    "data-null-or-scalar": Words(
        "error", "They hand it on as a chunk, and code that reads `choices` fails.", "Send objects only."
    ),
    "error-null-field": Words(
        "warning",
        "`@ai-sdk/openai-compatible` takes the chunk for an error and drops its text.",
        "Leave `error` out where there is none.",
    ),
    "huge-chunk": Words("warning", "They read it; nothing is shown until it is there.", "Stream in smaller pieces."),
    "many-empty-deltas": Words(
        "info", f"{_FINE} Code that counts chunks miscounts.", "Leave chunks out that say nothing."
    ),
}
