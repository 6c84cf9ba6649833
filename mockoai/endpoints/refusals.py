"""What OpenAI answers to a request it will not serve: texts, types, params and codes.

Two servers stand behind the API and speak differently. The gateway in front knows routes, keys and models: it
writes its errors with four spaces of indent and ``param`` mostly null. The engine behind it knows the
parameters. The engine of chat completions names the parameter and a code for every mistake; those of the
older completions and embeddings answer in the words of a JSON Schema validator, with neither.

The texts are those seen in public recordings and transcripts. Where none was found, the text of the nearest
relative is used.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from mockoai.allowance import Allowance
from mockoai.plan.headers import go_duration
from mockoai.plan.items import Cause, Failure, Headers

UNPARSABLE_BODY = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
    "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If "
    "you have trouble figuring out how to fix this, please contact us through our help center at "
    "help.openai.com.)"
)
MISSING_MODEL = "you must provide a model parameter"
MISSING_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
    "auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're "
    "accessing the API from your browser and are prompted for a username and password. You can obtain an API "
    "key from https://platform.openai.com/account/api-keys."
)
TOO_MANY_CHOICES = "too_many_choices"
"""The code of an error that is this server's own."""
KEYS_PAGE = "You can find your API key at https://platform.openai.com/account/api-keys."

_KEY_HEAD = 8
_KEY_TAIL = 4


def bad_request(message: str, param: str | None = None, code: str | None = None, cause: Cause = "parameter") -> Failure:
    """Return a 400 of type ``invalid_request_error``."""
    return Failure(status=400, message=message, param=param, code=code, cause=cause)


# --- the gateway ------------------------------------------------------------------------------------------


def unknown_url(method: str, path: str) -> Failure:
    """No such route. The path is quoted as it was asked, without the query."""
    return Failure(status=404, message=f"Invalid URL ({method} {path})", cause="route")


def missing_key(cause: Cause = "key-missing") -> Failure:
    """No ``Authorization`` header, or one without a bearer token (RFC 6750 §3 gives the challenge)."""
    challenge: Headers = (("www-authenticate", 'Bearer realm="OpenAI API"'),)
    return Failure(status=401, message=MISSING_KEY, headers=challenge, cause=cause)


def wrong_key(key: str) -> Failure:
    """A key that is not accepted; the message shows its first eight and last four characters."""
    message = f"Incorrect API key provided: {masked(key)}. {KEYS_PAGE}"
    return Failure(status=401, message=message, code="invalid_api_key", cause="key-wrong")


def masked(key: str) -> str:
    """Mask the middle of ``key`` as OpenAI does.

    Eight characters before and four behind stay, so keys of up to twelve are shown whole, and an empty one as
    ``''``.
    """
    hidden = len(key) - _KEY_HEAD - _KEY_TAIL
    if hidden <= 0:
        return key or "''"
    return key[:_KEY_HEAD] + "*" * hidden + key[-_KEY_TAIL:]


def expired_key() -> Failure:
    """A key that was good once. No recording of OpenAI's own words was found; status and type are those of any key."""
    message = f"The API key you provided has expired. {KEYS_PAGE}"
    return Failure(status=401, message=message, code="invalid_api_key", cause="key-expired")


def wrong_organization() -> Failure:
    """A key of another organization than the one that ``OpenAI-Organization`` names."""
    message = "OpenAI-Organization header should match organization for API key"
    return Failure(status=401, message=message, code="mismatched_organization", cause="organization")


def no_quota(headers: Headers = ()) -> Failure:
    """A key whose account has no credit left."""
    message = (
        "You exceeded your current quota, please check your plan and billing details. For more information on this "
        "error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
    )
    kind = "insufficient_quota"
    return Failure(status=429, message=message, type=kind, code=kind, headers=headers, cause="quota")


def rate_limit(
    what: str, model: str, limit: int, used: int, requested: int, wait: float, headers: Headers = ()
) -> Failure:
    """Too many ``requests`` or ``tokens`` (``what``) a minute; ``wait`` is in seconds.

    A request that is larger than the limit can wait as long as it likes, and is told so.
    """
    per = f"on {what} per min ({what[0].upper()}PM)"
    where = f"{model or 'default'} in organization org-mockoai {per}: Limit {limit}"
    page = "Visit https://platform.openai.com/account/rate-limits to learn more."
    if math.isinf(wait):
        message = (
            f"Request too large for {where}, Requested {requested}. The input or output {what} must be reduced in "
            f"order to run successfully. {page}"
        )
    else:
        again = f"Please try again in {go_duration(wait)}."
        message = f"Rate limit reached for {where}, Used {used}, Requested {requested}. {again} {page}"
    return Failure(status=429, message=message, type=what, code="rate_limit_exceeded", headers=headers, cause="rate")


def rate_limited(model: str, allowance: Allowance) -> Failure:
    """A request that the key's rates do not allow now, with the time after which they will."""
    of_tokens = allowance.limited == "tokens"
    limit = (allowance.tokens if of_tokens else allowance.requests) or 0
    left = allowance.remaining_tokens if of_tokens else allowance.remaining_requests
    cost = allowance.cost if of_tokens else 1
    used = limit - left
    if math.isinf(allowance.wait):
        return rate_limit(allowance.limited, model, limit, used, cost, allowance.wait)
    # Whoever comes back a fraction of a millisecond too soon would be refused again.
    milliseconds = math.ceil(allowance.wait * 1000)
    headers = (("retry-after-ms", str(milliseconds)), ("retry-after", str(math.ceil(allowance.wait))))
    return rate_limit(allowance.limited, model, limit, used, cost, milliseconds / 1000, headers)


def wrong_method(method: str, path: str, allowed: Sequence[str]) -> Failure:
    """A method the route has no use for, with the ``allow`` header that RFC 9110 §15.5.6 asks for."""
    headers: Headers = (("allow", ", ".join(allowed)),)
    if "POST" in allowed:
        message, code = "Only POST requests are accepted.", "method_not_supported"
        return Failure(status=405, message=message, code=code, headers=headers, cause="method")
    message = f"Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)"
    return Failure(status=405, message=message, headers=headers, cause="method")


def wrong_content_type(value: str) -> Failure:
    """A body that says it is something other than JSON."""
    message = (
        f"Unsupported content type: '{value}'. This API method only accepts 'application/json' requests, but "
        f"you specified the header 'Content-Type: {value}'. Please try again with a supported content type."
    )
    return Failure(status=415, message=message, code="unsupported_content_type", cause="content-type")


def unknown_model(model: str) -> Failure:
    """A model that is not served, asked for in a body."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return Failure(status=404, message=message, code="model_not_found", cause="model-unknown")


def no_such_model(model: str) -> Failure:
    """A model that is not served, asked for by ``GET /models/{model}``."""
    message = f"The model '{model}' does not exist"
    return Failure(status=404, message=message, param="model", code="model_not_found", cause="model-unknown")


# --- the engine of chat completions -----------------------------------------------------------------------


def missing(path: str) -> Failure:
    """A parameter that must be there."""
    return bad_request(f"Missing required parameter: '{path}'.", path, "missing_required_parameter")


def wrong_type(path: str, expected: str, value: Any) -> Failure:
    """A parameter of the wrong JSON type; ``expected`` is a phrase such as ``an array of objects``."""
    message = f"Invalid type for '{path}': expected {expected}, but got {type_of(value)} instead."
    return bad_request(message, path, "invalid_type")


def wrong_value(path: str, value: str, supported: Sequence[str]) -> Failure:
    """A string outside the set of those known."""
    message = f"Invalid value: '{value}'. Supported values are: {listed(supported, 'and')}."
    return bad_request(message, path, "invalid_value")


def out_of_range(path: str, value: float, *, limit: float, below: bool, integer: bool) -> Failure:
    """A number past its ``limit``."""
    kind = "integer" if integer else "decimal"
    side, sign, code = ("below minimum", ">=", "below_min") if below else ("above maximum", "<=", "above_max")
    message = (
        f"Invalid '{path}': {kind} {side} value. Expected a value {sign} {limit:g}, but got "
        f"{json.dumps(value)} instead."
    )
    return bad_request(message, path, f"{kind}_{code}_value")


def empty_array(path: str) -> Failure:
    """An array with nothing in it where something must be."""
    message = f"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    return bad_request(message, path, "empty_array")


def long_array(path: str, length: int, limit: int) -> Failure:
    """An array of more than ``limit`` items."""
    message = (
        f"Invalid '{path}': array too long. Expected an array with maximum length {limit}, but got an array "
        f"with length {length} instead."
    )
    return bad_request(message, path, "array_above_max_length")


def long_string(path: str, length: int, limit: int) -> Failure:
    """A string of more than ``limit`` characters."""
    message = (
        f"Invalid '{path}': string too long. Expected a string with maximum length {limit}, but got a string "
        f"with length {length} instead."
    )
    return bad_request(message, path, "string_above_max_length")


def many_properties(path: str, count: int, limit: int) -> Failure:
    """An object of more than ``limit`` properties."""
    message = (
        f"Invalid '{path}': too many properties. Expected an object with at most {limit} properties, but got "
        f"an object with {count} properties instead."
    )
    return bad_request(message, path, "object_above_max_properties")


def long_name(path: str, name: str, limit: int) -> Failure:
    """A property name of more than ``limit`` characters; the message shortens it, the ``param`` does not."""
    message = (
        f"Invalid property name in '{path}': '{name[:3]}...{name[-3:]}' is too long. Expected a string with "
        f"maximum length {limit}, but got a string with length {len(name)} instead."
    )
    return bad_request(message, f"{path}.{name}", "property_name_above_max_length")


def only_with(param: str, other: str) -> Failure:
    """A parameter that means nothing without ``other``."""
    return bad_request(f"The '{param}' parameter is only allowed when '{other}' is enabled.", param)


def too_many_choices(most: int) -> Failure:
    """More answers in one than this server makes before it sends the first."""
    message = f"Too many choices: all prompts together can have {most} at most."
    return bad_request(message, "prompt", TOO_MANY_CHOICES)


# --- the older engines ------------------------------------------------------------------------------------


def in_schema_words(message: str, path: str = "") -> Failure:
    """A mistake in the words of a JSON Schema validator, as completions and embeddings still have it."""
    return bad_request(f"{message} - '{path}'" if path else message)


WRONG_INPUT = "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
"""Whatever is wrong with the ``input`` of an embedding: an empty string, too many of them, a number, …"""


# --- words ------------------------------------------------------------------------------------------------


def type_of(value: Any) -> str:
    """Name the JSON type of ``value`` with its article, as OpenAI does."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a decimal number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"


def listed(values: Sequence[str], conjunction: str) -> str:
    """Join quoted ``values``: ``'a'``, ``'a' or 'b'``, ``'a', 'b', or 'c'``."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return f" {conjunction} ".join(quoted)
    return f"{', '.join(quoted[:-1])}, {conjunction} {quoted[-1]}"
