"""The core is data in, data out: no sockets, no clock, no global random, no framework between match and plan."""

import ast
from pathlib import Path

import mockoai

ROOT = Path(mockoai.__file__).parent
PURE_ROOMS = ("match", "reply", "endpoints", "backends", "faults", "plan")
PURE_MODULES = (
    "request.py",
    "seed.py",
    "address.py",
    "scenario/model.py",
    "wire/sse.py",
    "wire/http1.py",
    "wire/delivery.py",
)
FORBIDDEN = {
    "asyncio",
    "starlette",
    "uvicorn",
    "socket",
    "time",
    "random",
    "threading",
    "httptools",
    "uvloop",
    "secrets",
}


def pure_files() -> list[Path]:
    files = [path for room in PURE_ROOMS for path in (ROOT / room).rglob("*.py")]
    return files + [ROOT / name for name in PURE_MODULES]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_the_pure_rooms_import_nothing_that_acts() -> None:
    files = pure_files()
    assert len(files) > 20
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imported(path)
        if name.split(".")[0] in FORBIDDEN
    }
    assert not found


def test_the_pure_rooms_do_not_import_the_acting_rooms() -> None:
    acting = (
        "mockoai.server",
        "mockoai.wire.protocol",
        "mockoai.wire.writer",
        "mockoai.journal",
        "mockoai.cli",
        "mockoai.mock",
    )
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in pure_files()
        for name in imported(path)
        if name.startswith(acting)
    }
    assert not found


def test_no_pure_module_asks_datetime_for_the_present() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in pure_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    ]
    assert not found


def test_the_package_exports_few_names() -> None:
    assert mockoai.__all__ == ["Mock", "Server", "__version__", "fault", "load"]
    assert all(getattr(mockoai, name) for name in mockoai.__all__)
