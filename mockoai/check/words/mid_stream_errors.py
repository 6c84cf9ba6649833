"""What is said about failures of the category ``mid-stream-errors``."""

from __future__ import annotations

from mockoai.check.words import Words

_RAISE = "They raise it, without a status, and do not try again."
_UNSEEN = "openai-python, openai-node and LiteLLM do not see it: a short answer is a success."
_FLAT = "Most do not know it for an error: they fail on `choices`, or end without a word."
_LOG = "The server's log says what failed."
_FORM = 'Send `data: {"error": {"message": "…"}}`, which all of them know.'

WORDS: dict[str, Words] = {
    "err-data-then-done": Words("error", _RAISE, _LOG),
    "err-data-no-done": Words("error", _RAISE, _LOG),
    "err-event-named": Words("error", f"{_RAISE} Typed clients may take it for an empty chunk.", _LOG),
    "err-event-flat": Words("error", f"openai-python hands it on as a chunk; {_FLAT}", f"{_LOG} {_FORM}"),
    "err-first-event": Words(
        "error",
        "They raise it and do not try again, for the status was 200; only `@ai-sdk/openai` does.",
        "Servers should find out before they say 200.",
    ),
    "err-bare-string": Words(
        "error", "openai-python hides the text: `An error occurred during streaming`.", f"{_LOG} {_FORM}"
    ),
    "err-tgi": Words("error", _RAISE, _LOG),
    "err-flat-object": Words("error", _FLAT, f"{_LOG} {_FORM}"),
    "err-fastchat": Words("error", _FLAT, f"{_LOG} {_FORM}"),
    "err-fastapi-detail": Words("error", _FLAT, f"{_LOG} {_FORM}"),
    "err-int-code-metadata": Words("error", _RAISE, "`metadata` says which provider failed, and how."),
    "err-in-chunk-with-choices": Words(
        "error", "openai-python and openai-node raise it; `@ai-sdk/openai` loses the error.", _LOG
    ),
    "err-inside-choice": Words("error", "Nobody looks there: a short answer is a success.", f"{_LOG} {_FORM}"),
    "err-message-not-string": Words("error", "They raise it without its text.", f"{_LOG} Send the message as a text."),
    "err-raw-json-no-prefix": Words("error", _UNSEEN, f"{_LOG} {_FORM}"),
    "err-error-field-prefix": Words("error", _UNSEEN, f"{_LOG} {_FORM} Newer llama.cpp does."),
    "err-plain-text": Words("error", _UNSEEN, f"{_LOG} {_FORM}"),
    "err-plain-text-in-data": Words("error", "All of them fail with a JSON error.", f"{_LOG} {_FORM}"),
    "err-html-mid-stream": Words(
        "error", _UNSEEN, "A proxy adds its error page to the stream: the server behind it died."
    ),
    "err-200-json-body-for-stream": Words(
        "error",
        "openai-python, openai-node and LiteLLM end with an empty answer, as a success.",
        "Servers must send an error status while they still can.",
    ),
    "err-200-json-body-sse-type": Words(
        "error",
        "openai-python, openai-node and LiteLLM end with an empty answer, as a success.",
        f"Servers must send an error status while they still can, or an event. {_FORM}",
    ),
    "err-swallowed-clean-done": Words(
        "error",
        "openai-python and openai-node take the short answer for whole.",
        "Something ends the stream as if it were over: look at the log of the proxy.",
    ),
    "err-becomes-empty-chunk": Words(
        "error", "They say nothing; LiteLLM adds `stop`.", f"{_LOG} Take an answer without a finish reason for cut."
    ),
    "err-content-filter-mid-stream": Words(
        "warning", "They end with this reason, behind text that was shown.", "Tell users that the answer was stopped."
    ),
    "err-finish-network-error": Words(
        "error", "It looks like an end to all of them.", "Take this reason for a failure."
    ),
}
