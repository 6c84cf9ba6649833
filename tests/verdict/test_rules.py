"""The table of rules."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from mockoai.verdict.model import Call, Finding
from mockoai.verdict.rules import MODULES, help_texts, rule


def test_a_code_belongs_to_one_rule_and_is_explained() -> None:
    def again(call: Call) -> Iterable[Finding]:
        """Found again."""
        return ()

    def silent(call: Call) -> Iterable[Finding]:
        return ()

    known = help_texts()
    with pytest.raises(ValueError, match="two rules are called 'gave-up'"):
        rule("gave-up")(again)
    with pytest.raises(ValueError, match="has no docstring"):
        rule("nothing-said")(silent)
    assert help_texts() == known


def test_every_module_of_rules_has_some() -> None:
    assert len(set(MODULES)) == len(MODULES) == 10
    assert len(help_texts()) == 36
