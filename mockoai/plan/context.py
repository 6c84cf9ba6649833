"""The exchange as the pure middle sees it: everything that shapes the bytes and is not the reply itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockoai.plan.items import Model, Usage
from mockoai.request import Request
from mockoai.seed import Seed

if TYPE_CHECKING:
    from mockoai.allowance import Allowance
    from mockoai.backends.base import Backend
    from mockoai.keys import ApiKey


@dataclass(frozen=True, slots=True)
class Context:
    """One exchange.

    ``seed`` is this exchange's own, ``content`` that of its content, the same for every repetition of the request.
    ``now`` is the server's clock, in seconds since 1970. ``id`` and ``request_id`` are the answer's. ``model`` is
    the one named in the answer. ``stream`` says whether the answer is streamed. ``tokens`` and ``size`` (bytes of
    the body) are those of the answer as it comes to a fault that has a place in percent, else 0; ``usage`` is
    what the reply counts, known to the layers below it, also where the answer does not show it. ``models`` is the
    model list; other names are refused when ``exact_models``. ``keys`` are the API keys accepted; none: any or no key
    will do. ``uses`` is how often the request's key was used, this time counted, and ``allowance`` what is left of its
    rates, where it has such.
    """

    request: Request
    backend: Backend
    seed: Seed
    content: Seed
    now: float
    id: str = ""
    request_id: str = ""
    model: str = ""
    stream: bool = False
    tokens: int = 0
    size: int = 0
    usage: Usage | None = None
    models: tuple[Model, ...] = ()
    exact_models: bool = False
    keys: tuple[ApiKey, ...] = ()
    uses: int = 0
    allowance: Allowance | None = None

    @property
    def endpoint(self) -> str:
        """The name of the API route that was asked."""
        return self.request.endpoint

    @property
    def created(self) -> int:
        """The clock in whole seconds (API: ``created``)."""
        return int(self.now)

    @property
    def include_usage(self) -> bool:
        """Whether a stream carries usage: asked (API: ``stream_options.include_usage``), unless the backend decides."""
        policy = self.backend.usage
        if policy != "asked":
            return policy == "always"
        options = self.request.fields.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def include_obfuscation(self) -> bool:
        """Whether chunks carry ``obfuscation`` (API: ``stream_options.include_obfuscation``, on by default)."""
        if not self.backend.obfuscation:
            return False
        options = self.request.fields.get("stream_options")
        return not (isinstance(options, dict) and options.get("include_obfuscation") is False)
