"""What several formats say in the same words: of a case, of a finding's evidence, of all cases together."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from mockoai.plan.render import escape

Json = dict[str, Any]

_TELLING = {
    "passed": ("doubt", "warning"),
    "inconclusive": ("doubt",),
    "failed": ("failure",),
    "not tested": ("doubt",),
}


def headline(case: Json) -> Json | None:
    """Return the finding that is told where there is room for one: what decided, or what is worth a look."""
    return next((one for one in case["findings"] if one["severity"] in _TELLING[case["status"]]), None)


def ended(command: Json) -> str:
    """Say how the command of a case ended."""
    return "was ended, its time was over" if command["timed_out"] else f"ended with {command['exit_code']}"


def evidence_lines(evidence: Json) -> Iterator[str]:
    """Yield what a piece of evidence says, and the bytes that show it with escapes, where it has any."""
    place = f"exchange {evidence['exchange']}: " if evidence["exchange"] is not None else ""
    yield f"{place}{evidence['text']}"
    if evidence["bytes"]:
        yield escape(octets(evidence["bytes"]))


def octets(shown: Json) -> bytes:
    """Return the bytes that stand in JSON as ``text`` or as ``base64``."""
    return shown["text"].encode() if "text" in shown else base64.b64decode(shown["base64"])


def counted(counts: Json) -> str:
    """Say how many cases there are of each status, the worst first."""
    order = ("failed", "not_tested", "inconclusive", "passed", "not_run")
    return ", ".join(f"{counts[key]} {key.replace('_', ' ')}" for key in order if counts[key]) or "nothing was run"
