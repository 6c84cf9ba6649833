"""What a server says on a terminal when it is ready: what is served, where, and how to ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockoai import __version__
from mockoai.cli.sample import MODEL
from mockoai.cli.terminal import Paint
from mockoai.scenario.model import HEALTHY, Scenario
from mockoai.scenario.render import printable

if TYPE_CHECKING:
    from mockoai.server.lifecycle import Server


def banner(server: Server, scenarios: Sequence[Scenario], paint: Paint) -> str:
    """Return the text for ``server``, which serves ``scenarios``; ends in a line feed."""
    mock = server.mock
    shown = scenarios or (HEALTHY,)
    other = next((one.id for one in shown[1:]), "done-missing")
    backend = mock.backend or mock.scenario.backend
    wide = max(len(one.id) for one in shown)
    lines = [
        "",
        f"{paint('bold', f'mockoai {__version__}')}  {server.url}  {paint('dim', f'(imitates {backend})')}",
        "",
        *(f"  {paint('name', f'{one.id:<{wide}}')}  {printable(one.title)}".rstrip() for one in shown),
        *([paint("dim", "  the first answers by default")] if len(shown) > 1 else []),
        "",
        "another scenario, file or catalogue id, for one request:",
        f"  header    x-mockoai-scenario: {other}",
        f"  base URL  {server.origin}/scenario/{other}/v1",
        f'  model     "mockoai/{other}"',
        "",
        "try:",
        f"  {_curl(server)}",
        "",
        paint("dim", f"health {server.origin}/health, control API {server.origin}/_mockoai/; Ctrl-C stops"),
        "",
    ]
    return "\n".join(lines) + "\n"


def _curl(server: Server) -> str:
    """Return a command that streams a chat from ``server``."""
    mock = server.mock
    model = mock.models[0] if mock.models else MODEL
    key = ' -H "authorization: Bearer $OPENAI_API_KEY"' if mock.keys else ""
    body = f'{{"model":"{model}","stream":true,"messages":[{{"role":"user","content":"hello"}}]}}'
    return f"curl -N {server.url}/chat/completions -H 'content-type: application/json'{key} -d '{body}'"
