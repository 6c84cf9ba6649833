"""Which sights are only the consequence of another one in the same exchange, or say less of it: they are not told.

A cut stream has no finish reason, and it would be wrong to blame the server for both. A 401 in a shape of its own need
not be told as an error in that shape, too.
"""

from __future__ import annotations

from collections.abc import Mapping

_SHAPES = frozenset(
    {
        "error-bare-string",
        "error-empty-body",
        "error-flat-object",
        "error-html-body",
        "error-int-code",
        "error-openai-nested",
        "error-plain-text-body",
        "error-status-as-string-code",
        "error-string-plus-type",
        "error-wrapped-detail",
        "retry-amplification",
        "status-422",
    }
)
"""What an error looks like: said by every id that says what it is about as well."""

_ROUTES = frozenset(
    {
        "method-not-allowed-405",
        "unknown-route-200-error",
        "unknown-route-404-fastapi",
        "unknown-route-404-llamacpp",
        "unknown-route-404-openai",
        "unknown-route-404-text",
    }
)
"""What is said of a path: less than which path it is."""

_SAY_WHAT = (
    "anti-dos-host-403",
    "auth-401-azure",
    "auth-401-bare-string",
    "auth-401-empty-body",
    "auth-401-fastapi-detail",
    "auth-401-flat-message",
    "auth-401-int-code",
    "auth-401-nested-in-detail",
    "auth-401-string-code",
    "auth-402-out-of-credits",
    "auth-403-region",
    "auth-invalid-key",
    "auth-missing-key",
    "bad-request-invalid-json",
    "bad-request-invalid-value",
    "bad-request-missing-model",
    "bad-request-unknown-parameter",
    "bad-request-unsupported-parameter",
    "bad-request-unsupported-value",
    "cloudflare-100s-524",
    "concurrency-429",
    "context-length-exceeded",
    "deployment-not-found-azure",
    "gateway-502-504-json",
    "gateway-no-healthy-upstream",
    "gateway-no-route",
    "host-header-rejected",
    "json-mode-needs-word-json",
    "legacy-batch-422",
    "legacy-n-stream-400",
    "legacy-suffix-422",
    "method-not-allowed-405",
    "model-loading-503",
    "model-not-found-400-fastchat",
    "model-not-found-400-openai",
    "model-not-found-404-openai",
    "model-not-found-no-param",
    "model-not-found-ollama",
    "model-not-found-vllm",
    "no-deployments-429",
    "overloaded-429",
    "quota-exhausted-429",
    "rate-limit-requests",
    "rate-limit-tokens",
    "server-busy-503",
    "status-408",
    "status-409",
    "status-413",
    "status-415",
    "status-424",
    "status-501",
    "status-524",
    "status-529",
    "tool-schema-400",
    "tool-use-failed-400",
    "unknown-route-404-fastapi",
    "unknown-route-404-llamacpp",
    "unknown-route-404-openai",
    "unknown-route-404-text",
)
"""What an error is about."""

_CUT = frozenset(
    {
        "body-truncated-json",
        "content-length-too-long",
        "done-missing",
        "done-missing-and-finish-missing",
        "error-empty-body",
        "error-truncated-json",
        "finish-missing",
        "gzip-truncated",
        "leading-blank-lines-json",
        "sse-last-event-unterminated",
        "sse-truncated-json-event",
        "usage-missing",
    }
)
"""What an answer lacks that was cut."""

_TEXT = (
    "raw-control-char",
    "replacement-characters",
    "u2028-in-content",
    "utf8-invalid-bytes",
    "utf8-truncated-sequence",
)
"""What spoils a text, and the arguments of tools with it."""

_NO_STREAM = frozenset({"done-missing", "done-missing-and-finish-missing", "usage-missing", "finish-missing"})

EXPLAINED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_SAY_WHAT, _SHAPES),
    # One error shape says more than another.
    "cloudflare-100s-524": _SHAPES | {"status-524"},
    "empty-reason-over-h2": frozenset({"no-reason-phrase", "status-422"}),
    "model-not-found-400-fastchat": _SHAPES | {"error-flat-fastchat"},
    "error-azure-innererror": frozenset({"error-extra-fields"}),
    "error-code-and-error-string": frozenset(
        {"err-200-json-body-for-stream", "models-200-error", "retry-amplification"}
    ),
    "error-extra-fields": frozenset({"error-int-code"}),
    "error-fastapi-detail-list": frozenset({"status-422"}),
    "error-message-chain": frozenset({"error-status-as-string-code"}),
    "error-message-object": frozenset({"error-flat-object", "status-422"}),
    **dict.fromkeys(
        (
            "error-bare-string",
            "error-empty-body",
            "error-html-body",
            "error-int-code",
            "error-json-array",
            "error-plain-text-body",
            "error-provider-field",
            "error-reqid-suffix",
            "error-status-failure",
            "error-string-plus-type",
            "error-truncated-json",
            "error-wrapped-detail",
            "ratelimit-headers-invalid",
            "rate-limit-no-headers",
            "retry-after-not-cors-exposed",
        ),
        frozenset({"retry-amplification"}),
    ),
    "retry-amplification": frozenset({"error-openai-nested"}),
    "fail-n-then-succeed": frozenset({"error-openai-nested"}),
    "http-200-detail-json": frozenset({"err-200-json-body-for-stream"}),
    "models-200-error": frozenset({"unknown-route-200-error"}),
    "models-retrieve-missing": _SHAPES | _ROUTES,
    "models-404": _SHAPES | _ROUTES,
    "unknown-route-200-error": frozenset({"err-200-json-body-for-stream"}),
    "legacy-endpoint-missing": _SHAPES | _ROUTES,
    # Answers that are cut, or that nobody can read to the end.
    "bad-chunk-size": _CUT,
    "close-delimited-truncated": _CUT | {"usage-lost-on-disconnect"},
    "content-length-too-short": _CUT,
    "early-upstream-close": frozenset({"empty-200-stream"}),
    "fin-mid-chunked": _CUT,
    "gzip-truncated": _CUT - {"gzip-truncated"},
    "error-after-headers-nonstream": _CUT,
    "hard-cap-close": _CUT
    | {
        "byte-dribble",
        "error-after-headers-nonstream",
        "fin-mid-chunked",
        "rst-mid-stream",
        "usage-lost-on-disconnect",
    },
    "http10-response": frozenset({"close-delimited-ok"}),
    "idle-proxy-cut-60s": _CUT
    | {
        "close-delimited-truncated",
        "error-after-headers-nonstream",
        "fin-before-headers",
        "fin-mid-chunked",
        "rst-before-headers",
        "rst-mid-stream",
        "usage-lost-on-disconnect",
    },
    "legacy-empty-prompt-panic": frozenset({"fin-mid-chunked", "rst-before-headers", "rst-mid-stream"}),
    "rst-mid-stream": _CUT,
    **dict.fromkeys(_TEXT, frozenset({"tool-args-invalid-json"})),
    # When things come.
    "byte-dribble": frozenset({"sse-crlf-split", "sse-split-field-name", "utf8-split-across-packets"}),
    "keepalive-comments-only": frozenset({"full-buffering", "missing-x-accel-buffering", "slow-first-token"}),
    "keepalive-newlines-nonstream": frozenset({"leading-blank-lines-json"}),
    "slow-first-token": frozenset({"full-buffering", "missing-x-accel-buffering"}),
    # Streams that are not framed as they should be.
    "err-200-json-body-for-stream": _NO_STREAM,
    "err-html-mid-stream": frozenset({"sse-mixed-eol", *_NO_STREAM}),
    "err-plain-text": _NO_STREAM,
    "err-plain-text-in-data": _NO_STREAM,
    "err-error-field-prefix": _NO_STREAM,
    "err-raw-json-no-prefix": _NO_STREAM,
    "ndjson-for-stream": _NO_STREAM,
    # Chunks.
    "choices-missing": frozenset({"role-missing", "tool-id-missing", "tool-name-late", "tool-type-missing-or-empty"}),
    "choices-null": frozenset({"role-missing", "tool-id-missing", "tool-name-late", "tool-type-missing-or-empty"}),
    "err-first-event": frozenset({"err-data-no-done", "err-data-then-done"}),
    "err-swallowed-clean-done": frozenset({"usage-missing"}),
    "full-completion-as-chunk": frozenset(
        {
            "tool-args-one-chunk",
            "tool-index-missing",
            "usage-in-finish-chunk",
            "usage-unrequested",
            "finish-with-content",
        }
    ),
    "index-missing": frozenset({"content-after-finish", "finish-twice"}),
    "message-null": frozenset({"tool-finish-but-no-calls"}),
    "message-instead-of-delta": frozenset({"tool-finish-but-no-calls"}),
    "text-instead-of-delta": frozenset({"context-overflow-silent", "tool-finish-but-no-calls"}),
    "usage-cumulative-each-chunk": frozenset({"usage-in-finish-chunk"}),
    "usage-zeros-each-chunk": frozenset({"usage-in-finish-chunk", "usage-zeros-final"}),
    "legacy-usage-zeros-each": frozenset({"usage-zeros-final"}),
}
"""By the id that explains: the ids that it explains."""
