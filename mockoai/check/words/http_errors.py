"""What is said about failures of the category ``http-errors``."""

from __future__ import annotations

from mockoai.check.words import Words

_LOST = "openai-node before 7 shows `(no body)` in place of the message."
_OPENAI = 'Servers should write `{"error": {"message", "type", "param", "code"}}`, as OpenAI does.'
_RETRIED = "They try again twice before they raise it."
_NOT_RETRIED = "They raise it at once and do not try again."
_REQUEST = "The request is refused as it stands: the message says what to change."

WORDS: dict[str, Words] = {
    "error-openai-nested": Words("error", "All of them read it.", "The message says what is wrong."),
    "error-flat-object": Words("error", f"They raise it; {_LOST} The AI SDK shows the reason phrase.", _OPENAI),
    "error-flat-fastchat": Words("error", f"They raise it; {_LOST}", _OPENAI),
    "error-bare-string": Words("error", "They raise it; openai-node shows the text in quotes.", _OPENAI),
    "error-string-plus-type": Words("error", "They raise it; the kind beside the text is not read.", _OPENAI),
    "error-code-and-error-string": Words(
        "error",
        "With status 200 they take it for an answer and fail on `choices`; streams end empty, as a success.",
        "Ask again later. Servers should send an error status.",
    ),
    "error-fastapi-detail-list": Words("error", f"They raise it; {_LOST}", _REQUEST),
    "error-json-array": Words("error", f"Parsers that wait for an object fail on `[`; {_LOST}", _OPENAI),
    "error-message-object": Words(
        "error", "They raise it; code that joins the message to a text shows `[object Object]`.", _REQUEST
    ),
    "error-int-code": Words("error", "They raise it; code that compares `error.code` with a text misses it.", _OPENAI),
    "error-status-as-string-code": Words(
        "error", "They raise it; code that looks for a named code finds the status.", _OPENAI
    ),
    "error-message-chain": Words(
        "error",
        "They raise it; what truly happened stands inside the message, behind the names of the relay's own errors.",
        "Read the end of the message: it is what the provider said.",
    ),
    "error-reqid-suffix": Words(
        "error", "They raise it; `code` and `param` are not there.", "Give the request id to whoever runs the relay."
    ),
    "error-status-failure": Words("error", f"They raise it; {_LOST}", "The gateway itself failed: look at its log."),
    "error-provider-field": Words(
        "error",
        "They raise it; the provider's own error is a text inside the message.",
        "Look at what `provider` names: the failure is there.",
    ),
    "error-fireworks-nested": Words("error", "They raise it; the code may be a text or a number.", _REQUEST),
    "error-azure-innererror": Words(
        "error",
        "They raise a bad-request error, which must not be sent again as it is.",
        "The prompt was filtered: `innererror` says for what.",
    ),
    "error-extra-fields": Words(
        "error",
        "They raise it; the numbers beside the message are not read.",
        "Send less, or give the model more context.",
    ),
    "error-html-body": Words(
        "error",
        "They try again where it is 5xx, and show a web page for a message.",
        "A proxy answers in place of the server: look whether that runs, and for its own log.",
    ),
    "error-plain-text-body": Words(
        "error",
        "They raise it with the text as it is.",
        "Look at the server's log: such texts come from where it failed.",
    ),
    "error-empty-body": Words(
        "error", "They raise it and can only show the status.", "Look at the server's log. Servers should say why."
    ),
    "error-truncated-json": Words(
        "error",
        "They raise it with what came of the JSON.",
        "Something between cuts answers: ask the server without it.",
    ),
    "error-wrong-content-type": Words(
        "error",
        "openai-python and openai-node try JSON all the same; strict ones drop the message.",
        "Servers should send errors as `application/json`.",
    ),
    "error-wrapped-detail": Words(
        "error",
        f"They raise it; {_LOST}",
        "The proxy tells of the server behind it: look whether that can be reached from there.",
    ),
    "http-200-error-json": Words(
        "error",
        "They take it for an answer: SDKs fail on `choices`, and a stream ends empty, as a success.",
        "Servers must send an error status with an error.",
    ),
    "http-200-detail-json": Words(
        "error",
        "They take it for an answer and fail on `choices`; a stream ends empty, as a success.",
        "Servers must send an error status with an error.",
    ),
    "http-204-no-content": Words(
        "error",
        "openai-python returns an empty text, openai-node null, as if that were the answer.",
        "An answer has status 200 and a body.",
    ),
    "status-408": Words("error", _RETRIED, "The server was too slow for itself; ask for less, or raise its limit."),
    "status-409": Words("error", _RETRIED, "Something else holds a lock: ask again later."),
    "status-413": Words(
        "error", _NOT_RETRIED, "The request is larger than the proxy takes (`client_max_body_size` of nginx, for one)."
    ),
    "status-415": Words("error", _NOT_RETRIED, "Send `Content-Type: application/json`, and no packed body."),
    "status-422": Words("error", "SDKs raise it at once; LangChain.js tries again.", _REQUEST),
    "status-424": Words("error", _NOT_RETRIED, "Generating failed in the server: its log says why."),
    "status-425-or-418": Words(
        "error", "They raise it as an error of no class of its own.", "No API uses this status."
    ),
    "status-501": Words(
        "error", "They try again twice, though it will never work.", "The model or server does not have this endpoint."
    ),
    "status-524": Words(
        "error",
        "They try again, and every attempt waits as long.",
        "Cloudflare waits 100 s for the first byte: stream, or let the server send signs of life.",
    ),
    "status-529": Words("error", _RETRIED, "The service is overloaded: ask again later."),
    "bad-request-invalid-json": Words(
        "error", _NOT_RETRIED, "The body that arrives is no JSON: look at what stands between."
    ),
    "bad-request-missing-model": Words("error", _NOT_RETRIED, "Name a model, with `--model`."),
    "bad-request-unsupported-parameter": Words(
        "error", _NOT_RETRIED, "Leave the parameter out for this model; reasoning models want `max_completion_tokens`."
    ),
    "bad-request-unsupported-value": Words(
        "error", _NOT_RETRIED, "This model takes another value: the message names it."
    ),
    "bad-request-unknown-parameter": Words("error", _NOT_RETRIED, "Leave the parameter out."),
    "bad-request-invalid-value": Words("error", _NOT_RETRIED, _REQUEST),
    "context-length-exceeded": Words(
        "error",
        "Every client tells it by another pattern; those that do not know this one see a bad request.",
        "Send less, or give the model more context.",
    ),
    "context-overflow-silent": Words(
        "error",
        "They return an empty answer, as a success.",
        "Look whether the context is full, and whether the model has a chat template.",
    ),
    "tool-use-failed-400": Words(
        "error",
        "They raise a bad-request error and do not try again, though another sample would help.",
        "Send it again, or make the description of the tool clearer.",
    ),
    "json-mode-needs-word-json": Words("error", _NOT_RETRIED, "Say the word JSON in the prompt."),
}
