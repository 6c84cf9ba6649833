"""Detectors of the category ``http-errors``: the shape of an error's body, what it says, and its status."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockoai.check.detect.look import body, field, short, status_line, told
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.failure import Failure, read_failure
from mockoai.check.reading.jsontext import NOT_JSON

_USUAL = frozenset({"message", "type", "param", "code"})
_KNOWN = frozenset({"object", "metadata", "innererror", "failed_generation", "status", "provider", "detail"})
"""Fields that have an id of their own."""

_CONTEXT = re.compile(r"maximum context length|context (?:size|length|window).*(?:exceed|too)|exceeds? .*context", re.I)
_NOT_JSON = re.compile(
    r"pars\w* (?:the )?json|json (?:body|pars|decode)|not valid json|expecting value|invalid character", re.I
)
_NO_MODEL = re.compile(r"(?:provide|missing|require)\w* .*\bmodel\b|\bmodel\b.*(?:required|missing|must be)", re.I)
_CHAIN = re.compile(r"^litellm\.\w+|\b\w+Exception - ")
_REQUEST_ID = re.compile(r"\(request[ _]id: ?[^)]+\)\s*$", re.I)
_ORDINARY_STATUSES = frozenset({400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 415, 422, 424, 429})


@detects(
    "error-openai-nested",
    "error-flat-object",
    "error-flat-fastchat",
    "error-bare-string",
    "error-string-plus-type",
    "error-code-and-error-string",
    "error-fastapi-detail-list",
    "error-json-array",
    "error-wrapped-detail",
    "error-html-body",
    "error-plain-text-body",
    "error-empty-body",
    "error-truncated-json",
    "error-status-failure",
)
def shape(case: Case) -> Iterator[Seen]:
    """How the body of an error is built."""
    for one in case.answers:
        failure = read_failure(one)
        if one.status < 400:
            # Some errors come with 200; the shape of this one is told apart from all others.
            if one.ordinary and _is_coded_string(failure):
                yield Seen("error-code-and-error-string", one, f"{one.status}, and the body is an error", body(one))
            continue
        if id := _shape(one, failure):
            text = f"{one.status}: {short(failure.message)}" if failure.message else f"{one.status}"
            yield Seen(id, one, text, body(one) or status_line(one), told(one))


def _is_coded_string(failure: Failure) -> bool:
    return failure.shape == "string" and isinstance(failure.body.get("code"), str)


def _shape(one: Exchange, failure: Failure) -> str:
    if failure.shape == "string":
        if _is_coded_string(failure):
            return "error-code-and-error-string"
        return "error-string-plus-type" if "error_type" in failure.body else "error-bare-string"
    if failure.shape == "flat":
        code = failure.code
        return "error-flat-fastchat" if isinstance(code, int) and code >= 10_000 else "error-flat-object"
    if failure.shape == "nested":
        return "error-openai-nested" if frozenset(failure.error) == _USUAL and _is_openais(failure) else ""
    if failure.shape == "other" and "status" in failure.body:
        return "error-status-failure"
    if failure.shape == "message" and isinstance(failure.body.get("status"), str):
        return "error-status-failure"
    return {
        "detail": "error-wrapped-detail",
        "detail-list": "error-fastapi-detail-list",
        "array": "error-json-array",
        "html": "error-html-body",
        "text": "error-plain-text-body",
        "empty": "error-empty-body",
        "cut": "error-truncated-json",
    }.get(failure.shape, "")


def _is_openais(failure: Failure) -> bool:
    code = failure.code
    worded = code is None or (isinstance(code, str) and not code.isdigit())
    return worded and isinstance(failure.error.get("message"), str)


@detects(
    "error-message-object",
    "error-int-code",
    "error-status-as-string-code",
    "error-message-chain",
    "error-reqid-suffix",
    "error-provider-field",
    "error-fireworks-nested",
    "error-azure-innererror",
    "error-extra-fields",
)
def fields(case: Case) -> Iterator[Seen]:
    """What is odd about single fields of an error."""
    for one in case.errors:
        failure = read_failure(one)
        for id, text in _odd_fields(failure):
            yield Seen(id, one, f"{one.status}: {text}", body(one), told(one))


def _odd_fields(failure: Failure) -> Iterator[tuple[str, str]]:
    error, message = failure.error, failure.message
    if isinstance(error.get("message"), (dict, list)):
        yield "error-message-object", "`message` is no text"
    if _CHAIN.search(message):
        yield "error-message-chain", short(message)
    if _REQUEST_ID.search(message):
        yield "error-reqid-suffix", message[-80:]
    if failure.shape != "nested":
        return
    code = failure.code
    if isinstance(code, int) and not isinstance(code, bool):
        yield "error-int-code", f"`code` is the number {code}"
    if isinstance(code, str) and code.isdigit():
        yield "error-status-as-string-code", f"`code` is the text {code!r}"
    if "provider" in failure.body:
        yield "error-provider-field", "`provider` stands beside the error"
    if error.get("object") == "error":
        yield "error-fireworks-nested", "`object` stands inside the error"
    if "innererror" in error:
        yield "error-azure-innererror", "`innererror` says what was filtered"
    if extra := sorted(set(error) - _USUAL - _KNOWN):
        yield "error-extra-fields", f"fields that OpenAI does not have: {', '.join(extra)}"


@detects("error-wrong-content-type")
def content_type(case: Case) -> Iterator[Seen]:
    """JSON that is called something else."""
    for one in case.errors:
        kind = one.message.content_type
        if one.json.value is not NOT_JSON and kind and "json" not in kind:
            yield Seen("error-wrong-content-type", one, f"JSON as `{kind}`", field(one, "content-type"), told(one))


@detects("http-200-error-json", "http-200-detail-json", "http-204-no-content")
def success_without_answer(case: Case) -> Iterator[Seen]:
    """A status of success, and an error or nothing."""
    for one in case.answers:
        if not one.ordinary or not one.generates:
            continue
        failure = read_failure(one)
        if one.status == 204:
            yield Seen("http-204-no-content", one, "204, without a body", status_line(one))
        elif one.status == 200 and not one.ask.stream and failure.shape == "nested" and not one.answer.choices:
            yield Seen("http-200-error-json", one, f"200, and it says: {short(failure.message)}", body(one))
        elif one.status == 200 and failure.shape.startswith("detail") and not one.answer.choices:
            yield Seen("http-200-detail-json", one, f"200, and it says: {short(failure.message)}", body(one))


@detects(
    "status-408",
    "status-409",
    "status-413",
    "status-415",
    "status-422",
    "status-424",
    "status-425-or-418",
    "status-501",
    "status-524",
    "status-529",
)
def status(case: Case) -> Iterator[Seen]:
    """Statuses that clients treat in ways of their own."""
    named = {408, 409, 413, 415, 422, 424, 501, 524, 529}
    for one in case.errors:
        id = f"status-{one.status}"
        if one.status not in named:
            if one.status in _ORDINARY_STATUSES or one.status >= 500:
                continue
            id = "status-425-or-418"
        text = f"{one.status}: {short(read_failure(one).message)}".rstrip(": ")
        yield Seen(id, one, text, body(one) or status_line(one), told(one))


@detects(
    "bad-request-invalid-json",
    "bad-request-missing-model",
    "bad-request-unsupported-parameter",
    "bad-request-unsupported-value",
    "bad-request-unknown-parameter",
    "bad-request-invalid-value",
    "context-length-exceeded",
    "tool-use-failed-400",
    "json-mode-needs-word-json",
)
def refused(case: Case) -> Iterator[Seen]:
    """What is said to be wrong with the request."""
    for one in case.errors:
        if one.status in (400, 422) and (id := _refusal(one, failure := read_failure(one))):
            yield Seen(id, one, f"{one.status}: {short(failure.message)}", body(one), told(one))


def _refusal(one: Exchange, failure: Failure) -> str:
    message, code = failure.message, failure.code
    by_code = {
        "unsupported_parameter": "bad-request-unsupported-parameter",
        "unsupported_value": "bad-request-unsupported-value",
        "unknown_parameter": "bad-request-unknown-parameter",
        "invalid_value": "bad-request-invalid-value",
        "context_length_exceeded": "context-length-exceeded",
        "tool_use_failed": "tool-use-failed-400",
    }
    if isinstance(code, str) and code in by_code:
        return by_code[code]
    if _CONTEXT.search(message):
        return "context-length-exceeded"
    if re.search(r"must contain the word '?\"?json", message, re.I):
        return "json-mode-needs-word-json"
    if _NOT_JSON.search(message):
        return "bad-request-invalid-json"
    return "bad-request-missing-model" if _NO_MODEL.search(message) and not one.ask.fields.get("tools") else ""


@detects("context-overflow-silent")
def silent(case: Case) -> Iterator[Seen]:
    """A stream that is whole and says nothing."""
    for one in case.streams:
        answer = one.answer
        said = answer.text() or answer.reasoned or answer.pieces or any(c.said.get("refusal") for c in answer.choices)
        if one.ordinary and answer.reasons and not said and not answer.failures and one.uncut:
            reason = answer.reasons[0].reason
            if reason in ("stop", "length", "eos"):
                text = f"{len(answer.chunks)} chunks, the reason `{reason}`, and no text"
                yield Seen("context-overflow-silent", one, text, one.content.data[-300:])
