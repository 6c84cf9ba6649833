"""``mockoai check`` of a URL, and what it found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockoai.cli import main


def checked(capsys: pytest.CaptureFixture[str], url: str, *options: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the JSON of a check of the base URL ``url``."""
    code = main(["check", url, "--json", "--api-key", "sk-any", *options])
    return code, json.loads(capsys.readouterr().out)


def errors(found: dict[str, Any]) -> list[str]:
    """Return the ids of what breaks clients, in what a check found."""
    return [one["id"] for one in found["findings"] if one["severity"] == "error"]
