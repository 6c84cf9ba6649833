"""The verdict is data in, data out: no sockets, no clock, no framework, no server."""

from __future__ import annotations

import ast
from pathlib import Path

import mockoai.verdict

FORBIDDEN = {"asyncio", "starlette", "uvicorn", "socket", "time", "random", "threading", "httptools", "uvloop"}
ACTING = ("mockoai.server", "mockoai.wire.protocol", "mockoai.wire.writer", "mockoai.cli", "mockoai.mock")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_no_module_of_the_verdict_acts_or_asks_for_the_time() -> None:
    (room,) = mockoai.verdict.__path__
    files = sorted(Path(room).glob("*.py"))
    assert len(files) > 15
    for path in files:
        for name in imported(path):
            assert name.split(".")[0] not in FORBIDDEN, f"{path.name}: {name}"
            assert not name.startswith(ACTING), f"{path.name}: {name}"
        assert not {".now(", ".utcnow(", ".today("} & {
            word for word in (".now(", ".today(") if word in path.read_text()
        }
