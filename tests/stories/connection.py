"""The button "Test connection" in the settings of a chat application: does this endpoint do what we need?

The broken form asks for the list of models and is content with a 200. The mended one lists the models and counts them,
asks for an answer, asks for a streamed one, looks at what came, and says what to do about what did not.

Run as a command, with ``broken`` or ``mended``, it tests what ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY`` say, and exits
with 1 when that is no good.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.stories.events import data, lines

NOT_CONFIGURED = "Provider not configured. Enable the custom endpoint, and give it both an API key and a base URL."
UNREACHABLE = "Failed to connect to OpenAI compatible endpoint. Please check your API URL and network connection."
BAD_KEY = "Invalid API key for OpenAI compatible endpoint. Please check your credentials."
NOT_FOUND = "OpenAI compatible endpoint not found (404). Please verify your base URL."
CHAT_IN_URL = "Connection failed: 404. The base URL must not include /chat/completions."
NO_API = "Connection failed: this is a web page, not an API. Please verify your base URL."
BAD_FORMAT = "Invalid streaming format. The endpoint must send SSE events with `data:` prefixes."
NO_DATA = "No streaming data received. The endpoint must support `stream: true`."
CUT = "Invalid streaming response: the stream ended before the answer did."
NO_ANSWER = "Connection failed: there is no answer in the response."
NO_MODELS = "No models found. /models must return { data: [...] }."

REASONS = ("stop", "length")
"""Why an answer to our question may end."""
TLS = httpx.create_ssl_context()
"""Made once: it takes longer than a request."""
TIMEOUT = 5.0
"""Seconds of silence after which the endpoint is given up: somebody waits in front of the dialog."""


@dataclass(frozen=True)
class Endpoint:
    """What the settings say."""

    base_url: str
    api_key: str
    model: str = ""
    enabled: bool = True


@dataclass
class Report:
    """What came of the test: the ``models`` that were found, and the ``problems`` of ``models``, ``chat``,
    ``streaming`` and the ``settings``, by their name."""

    models: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def ok(self) -> bool:
        """Whether the endpoint can be used."""
        return not self.problems

    def __str__(self) -> str:
        if self.ok:
            return f"Connected: {len(self.models)} models"
        return "\n".join(f"{name}: {problem}" for name, problem in self.problems.items())


class EndpointError(Exception):
    """One of the tests failed; the text is what the user is told."""


def broken(endpoint: Endpoint) -> Report:
    """The test as it was."""
    headers = {"Authorization": f"Bearer {endpoint.api_key}"}
    answer = httpx.get(f"{endpoint.base_url}/models", headers=headers, verify=TLS)
    report = Report()
    if answer.status_code != 200:
        report.problems["models"] = f"Connection failed: {answer.status_code}"
    return report


def mended(endpoint: Endpoint, timeout: float = TIMEOUT) -> Report:
    """The test as it is."""
    report = Report()
    if not (endpoint.enabled and endpoint.base_url and endpoint.api_key):
        report.problems["settings"] = NOT_CONFIGURED
        return report
    tests: dict[str, Callable[[httpx.Client, str, Report], None]] = {
        "models": list_models,
        "chat": chat,
        "streaming": stream,
    }
    url = endpoint.base_url.rstrip("/")
    headers = {"Authorization": f"Bearer {endpoint.api_key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=timeout, verify=TLS) as client:
        for name, test in tests.items():
            try:
                # Without a name in the settings, the first model that was found is asked.
                test(client, endpoint.model or next(iter(report.models), "default"), report)
            except EndpointError as error:
                report.problems[name] = str(error)
            except (httpx.ConnectError, httpx.ReadError, httpx.ConnectTimeout):
                report.problems[name] = UNREACHABLE
                break
            except httpx.TimeoutException:
                report.problems[name] = f"The endpoint was silent for {timeout:g} s."
            except httpx.HTTPError as error:
                report.problems[name] = f"Connection failed: {error}"
    return report


def list_models(client: httpx.Client, model: str, report: Report) -> None:
    """Find out which models there are."""
    answer = _accepted(client.get("/models"))
    data = answer.get("data") if isinstance(answer, dict) else None
    entries = data if isinstance(data, list) else []
    report.models = [one["id"] for one in entries if isinstance(one, dict) and isinstance(one.get("id"), str)]
    if not report.models:
        raise EndpointError(_error(answer) or NO_MODELS)


def chat(client: httpx.Client, model: str, report: Report) -> None:
    """Ask for an answer in one piece."""
    answer = _accepted(client.post("/chat/completions", json=_request(model)))
    if said := _error(answer):
        raise EndpointError(said)
    if not _choices(answer):
        raise EndpointError(NO_ANSWER)


def stream(client: httpx.Client, model: str, report: Report) -> None:
    """Ask for an answer in events."""
    answer = client.post("/chat/completions", json=_request(model) | {"stream": True})
    if answer.status_code != 200:
        _accepted(answer)
    if _is_json(answer.content):
        raise EndpointError(_error(answer.json()) or NO_DATA)
    reason = None
    for chunk in map(_chunk, data(_checked(lines([answer.content])))):
        if said := _error(chunk):
            raise EndpointError(said)
        for choice in _choices(chunk):
            if said := _error(choice):
                raise EndpointError(said)
            delta = choice.get("delta")
            content = delta.get("content") if isinstance(delta, dict) else None
            report.text += content if isinstance(content, str) else ""
            reason = choice.get("finish_reason") or reason
        if reason is not None:
            break  # the answer is whole, whatever comes behind it
    if not report.text:
        raise EndpointError(NO_DATA)
    if reason not in REASONS:
        raise EndpointError(CUT)


def _request(model: str) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hi"}]}


def _accepted(answer: httpx.Response) -> Any:
    """Return the JSON of ``answer``; raises EndpointError when it is none, or the status is not 200."""
    if answer.status_code == 200:
        return _json(answer.text)
    if answer.status_code == 404 and "/chat/completions/" in answer.url.path:
        raise EndpointError(CHAT_IN_URL)
    problem = {401: BAD_KEY, 404: NOT_FOUND}.get(answer.status_code, f"Connection failed: {answer.status_code}.")
    raise EndpointError(f"{problem} {_error(_json(answer.text)) if _is_json(answer.content) else ''}".strip())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise EndpointError(NO_API if text.lstrip().startswith("<") else NO_ANSWER) from None


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _error(answer: Any) -> str:
    """Return what ``answer`` says went wrong; some endpoints say so with a status of 200."""
    said = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(said, dict):
        said = said.get("message") or "an error without a message"
    return f"The endpoint says: {said}" if said else ""


def _choices(answer: Any) -> list[dict[str, Any]]:
    choices = answer.get("choices") if isinstance(answer, dict) else None
    return [one for one in choices or () if isinstance(one, dict)]


def _checked(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a stream; raises EndpointError when one has no field that events have."""
    for line in lines:
        if line.partition(":")[0] not in ("", "data", "event", "id", "retry"):
            raise EndpointError(NO_API if line.lstrip().startswith("<") else BAD_FORMAT)
        yield line


def _chunk(data: str) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise EndpointError(BAD_FORMAT) from None


if __name__ == "__main__":
    form = {"broken": broken, "mended": mended}[sys.argv[1]]
    found = form(Endpoint(os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]))
    print(found)
    sys.exit(0 if found.ok else 1)
