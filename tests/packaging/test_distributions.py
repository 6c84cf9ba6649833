"""What is shipped: a wheel that holds the catalogue and the types, and works where nothing else is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from mockoai import __version__
from tests.support.serving import serving
from tests.support.sockets import Client, chat

ROOT = Path(__file__).parents[2]
CATALOGUE = {path.relative_to(ROOT / "scenarios").as_posix() for path in ROOT.glob("scenarios/*/*.yaml")}


def build(kind: str, out: Path) -> Path:
    """Build the ``wheel`` or ``sdist`` of this checkout, offline, and return the file."""
    command = [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_the_catalogue_the_types_and_nothing_of_the_checkout(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {
        name.removeprefix("mockoai/_catalogue/")
        for name in names
        if name.startswith("mockoai/_catalogue/") and name.endswith(".yaml")
    }
    assert CATALOGUE
    assert shipped == CATALOGUE
    assert {"mockoai/py.typed", "mockoai/report/page.css"} <= names
    assert {name.split("/")[0] for name in names} == {"mockoai", f"mockoai-{__version__}.dist-info"}


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    metadata = zipfile.ZipFile(wheel).read(f"mockoai-{__version__}.dist-info/METADATA").decode()
    assert f"\nVersion: {__version__}\n" in metadata
    assert "\nRequires-Python: >=3.11\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    scripts = zipfile.ZipFile(wheel).read(f"mockoai-{__version__}.dist-info/entry_points.txt").decode()
    assert "mockoai = mockoai.cli:main" in scripts


def test_the_sdist_holds_what_the_wheel_is_built_from(tmp_path: Path) -> None:
    sdist = build("sdist", tmp_path)
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "mockoai/py.typed"} <= names
    assert {f"scenarios/{name}" for name in CATALOGUE} <= names
    assert not any("node_modules" in name or name.startswith(("build/", ".venv/")) for name in names)


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", home], check=True, timeout=120)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    subprocess.run(pip, check=True, timeout=600)
    command = [str(python.with_name("mockoai"))]

    def ask(*arguments: str) -> str:
        return subprocess.run(
            [*command, *arguments], check=True, capture_output=True, text=True, timeout=60, cwd=tmp_path
        ).stdout

    assert ask("--version") == f"mockoai {__version__}\n"
    listed = json.loads(ask("list", "scenarios", "--json"))["scenarios"]
    assert {f"{one['category']}/{one['id']}.yaml" for one in listed} == CATALOGUE
    with serving("done-missing", command=command, cwd=tmp_path) as server, Client(server.port) as client:
        answer = client.ask(chat(stream=True))
    assert answer.status == 200
    assert b"data: {" in answer.data
    assert b"[DONE]" not in answer.data
