"""Every code that tests can meet has help, and every help is for a code that is used."""

from __future__ import annotations

import re
from pathlib import Path

import mockoai.testing
from mockoai.scenario.codes import HELP as OF_FILES
from mockoai.testing.codes import HELP

ROOM = Path(mockoai.testing.__file__).parent
CALL = re.compile(r"(?:Problem|UsageError|Diagnostic|_refuse)\(\s*\"([a-z0-9-]+)\"")


def test_codes_and_help_are_the_same() -> None:
    used = {code for path in ROOM.glob("*.py") for code in CALL.findall(path.read_text(encoding="utf-8"))}
    assert used - set(OF_FILES) == set(HELP)


def test_help_fits_a_terminal() -> None:
    for code, text in HELP.items():
        first, _, _ = text.partition("\n")
        assert first.endswith("."), code
        assert max(map(len, text.splitlines())) <= 100, code
