"""Only the recorder touches a socket or a clock."""

from __future__ import annotations

import ast
from pathlib import Path

import mockoai.check

ROOM = Path(mockoai.check.__file__).parent
ACTING = {"asyncio", "socket", "ssl", "time", "random", "threading", "select", "subprocess", "http", "httpx", "uvicorn"}


def imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def test_one_module_acts() -> None:
    files = list(ROOM.rglob("*.py"))
    assert len(files) > 40
    acting = {path.name for path in files if {name.split(".")[0] for name in imported(path)} & ACTING}
    assert acting == {"recorder.py"}


def test_the_server_is_not_needed() -> None:
    rooms = ("mockoai.server", "mockoai.mock", "mockoai.wire", "mockoai.faults", "mockoai.testing")
    found = {
        f"{path.relative_to(ROOM)}: {name}"
        for path in ROOM.rglob("*.py")
        for name in imported(path)
        if name.startswith(rooms)
    }
    assert not found
