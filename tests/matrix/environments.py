"""Install a client's environment under the cache, once, and say which versions came."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.matrix.clients import SHOWN, Environment

DRIVERS = Path(__file__).parent / "drivers"
INSTALL_SECONDS = 600
_STAMP = "installed.json"
_LIST = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"


class UnavailableError(Exception):
    """A client cannot be had here; the message says why, without paths and hosts."""


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment that is there.

    ``versions`` are those of the packages that matter; ``engine`` is the interpreter with its version; ``notes`` is
    what to know of it, such as an engine older than a package declares.
    """

    path: Path
    versions: Mapping[str, str]
    engine: str
    notes: tuple[str, ...] = ()

    def command(self, driver: Sequence[str]) -> list[str]:
        """Return the command that runs ``driver`` in this environment."""
        program, *arguments = driver
        if program.endswith(".py"):
            return [str(_python(self.path)), str(DRIVERS / program), *arguments]
        return ["node", str(self.path / program), *arguments]


def install(environment: Environment, root: Path, say: Callable[[str], None]) -> Installed:
    """Return ``environment`` below ``root``, installed now if it is not there; raises UnavailableError."""
    path = root / environment.id
    stamp = path / _STAMP
    if not _same(stamp, environment):
        say(f"installing {', '.join(environment.packages)}")
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        (_install_python if environment.kind == "python" else _install_node)(environment, path)
        stamp.write_text(json.dumps({"packages": environment.packages}))
    if environment.kind == "node":
        # Packages are looked for beside the file that imports them.
        for driver in DRIVERS.glob("*.mjs"):
            shutil.copy(driver, path)
        return _inspect_node(environment, path)
    found = json.loads(_output([_python(path), "-c", _LIST], path, "the environment"))
    engine = "Python " + ".".join(map(str, sys.version_info[:3]))
    return Installed(path, {name: found[name] for name in SHOWN if name in found}, engine)


def _same(stamp: Path, environment: Environment) -> bool:
    try:
        return bool(json.loads(stamp.read_text())["packages"] == list(environment.packages))
    except (OSError, ValueError):
        return False


def _python(path: Path) -> Path:
    return path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _install_python(environment: Environment, path: Path) -> None:
    wanted = ", ".join(environment.packages)
    _output([sys.executable, "-m", "venv", path], path, "a virtual environment")
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _output([_python(path), *pip, *environment.packages], path, f"pip install {wanted}")


def _install_node(environment: Environment, path: Path) -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise UnavailableError(f"{program} is not installed")
    (path / "package.json").write_text('{ "private": true }\n')
    npm = ["npm", "install", "--no-audit", "--no-fund", "--save-exact", "--engine-strict=false", "--loglevel=error"]
    _output([*npm, *environment.packages], path, f"npm install {' '.join(environment.packages)}")


def _inspect_node(environment: Environment, path: Path) -> Installed:
    if shutil.which("node") is None:
        raise UnavailableError("node is not installed")
    engine = _output(["node", "--version"], path, "node").strip().removeprefix("v")
    versions: dict[str, str] = {}
    notes: list[str] = []
    for name in SHOWN:
        manifest = path / "node_modules" / name / "package.json"
        if not manifest.is_file():
            continue
        package = json.loads(manifest.read_text())
        versions[name] = package["version"]
        declared = package.get("engines", {}).get("node", "")
        if _older(engine, declared):
            notes.append(f"{name} {package['version']} declares node {declared}")
    return Installed(path, versions, f"Node {engine}", tuple(notes))


def _older(engine: str, declared: str) -> bool:
    """Tell whether ``engine`` is below the first version that ``declared``, such as ``>=22.0.0``, names."""
    first = declared.lstrip(">=^~v ").split(".")[0]
    return first.isdigit() and int(engine.split(".")[0]) < int(first)


def _output(command: Sequence[str | Path], cwd: Path, what: str) -> str:
    """Run ``command`` and return what it prints; its errors go to stderr and are not part of the reason."""
    try:
        done = subprocess.run(
            [str(one) for one in command],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{what}: {type(error).__name__}") from error
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        raise UnavailableError(f"{what} failed with exit code {done.returncode}")
    return done.stdout
