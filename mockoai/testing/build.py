"""Scenarios built in Python: named, written out, and stacked on one another.

Stacking keeps what files promise, that the first rule that matches answers, and adds one thing: a rule without
``when``, which answers everything, stands behind those that have one, whatever the order they were given in. One
that does no more than answer as a healthy server gives way to any other.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mockoai.errors import UsageError
from mockoai.mock import Mock
from mockoai.scenario import reach
from mockoai.scenario.diagnose import Diagnostic, ScenarioError, Source, quoted
from mockoai.scenario.load import is_file, load
from mockoai.scenario.model import Rule, Scenario, Span, When
from mockoai.scenario.nodes import Mapping as NodeMapping
from mockoai.scenario.replies import overriding
from mockoai.scenario.typed import shape_of
from mockoai.testing.arguments import Call

RULE, USE = "mockoai.rule", "mockoai.use"
_SETTINGS = ("backend", "seed", "clock", "models", "fallback")
_UNSET = Scenario(id="unset")


@dataclass(frozen=True, slots=True)
class Used:
    """A scenario that was asked for by its ``id``, and the names that its telling ``rules`` have in the stage."""

    id: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a session serves from one ``use`` to the next.

    ``scenario`` is what the server is given. ``used`` are the scenarios it was made of, ``written`` the names of the
    rules that were written in the test. ``stated`` counts the rules that were ever part of it. A rule is called the
    same in all exchanges (see :func:`rule_name`), wherever rules that come later put it.
    """

    scenario: Scenario
    used: tuple[Used, ...] = ()
    written: tuple[str, ...] = ()
    stated: int = 0


def find(name: object, mock: Mock, folder: Path | None) -> Scenario:
    """Return the scenario that ``name`` means: one of the server's own, a file, or one of the catalogue.

    A file is looked for in the working directory, then in ``folder``. Raises ScenarioError when there is none, or
    when it cannot be read.
    """
    if isinstance(name, Scenario):
        return name
    if not isinstance(name, (str, os.PathLike)):
        text = quoted(repr(name))
        help = "give an id of the catalogue, a file, or a Scenario; what is written here goes into keywords"
        raise ScenarioError([Diagnostic("wrong-type", f"{text} names no scenario", Source(USE), help=help)])
    text = os.fspath(name)
    if not isinstance(name, str) or (text not in mock.scenarios and is_file(text)):
        beside = folder / text if folder is not None else Path(text)
        return load(beside if beside.exists() and not Path(text).exists() else Path(text))
    try:
        return mock.find(text)
    except UsageError as error:
        if isinstance(error, ScenarioError):
            raise
        raise ScenarioError([Diagnostic(error.code, error.message, Source(text), help=error.help)]) from None


def use(scenarios: Sequence[Scenario], keys: Mapping[str, Any], id: str) -> Stage:
    """Return the stage that serves ``scenarios``, stacked, with the ``keys`` of a scenario file laid over them.

    ``id`` is that of a scenario made of keys alone. Raises ScenarioError when keys are wrong or the scenarios do not
    go together.
    """
    parts = list(scenarios)
    written: Scenario | None = None
    source = Source(USE)
    if keys:
        call = Call(USE, keys, {} if "id" in keys else {"id": id})
        written = call.read(shape_of(Scenario))
        source = call.source
        assert written is not None
        if "rules" in keys or not parts:
            parts.append(written)
    if len(parts) == 1 and (written is None or parts[0] is written):
        (whole,) = parts
        stated = len(whole.rules)
        names = tuple(rule_name(rule, index) for index, rule in enumerate(whole.rules))
        if whole is written:
            return Stage(whole, written=names if "rules" in keys else (), stated=stated)
        return Stage(whole, used=(Used(whole.id, _telling(whole, names)),), stated=stated)
    return _stacked(parts, written, keys, source)


def add_rule(stage: Stage | None, keys: Mapping[str, Any], id: str) -> Stage:
    """Return ``stage`` with the rule of ``keys``, those of a rule of a scenario file, stacked on it.

    Without a stage it is the only rule of a scenario called ``id``. Raises ScenarioError when the rule is wrong, or
    when it would never be reached.
    """
    call = Call(RULE, keys)
    rule: Rule = call.read(shape_of(Rule))
    base = stage.scenario if stage is not None else Scenario(id=id, rules=())
    if rule.timing is not None:
        entry = call.node.entry("timing")
        assert entry is not None
        assert isinstance(entry[1], NodeMapping)
        rule = replace(rule, timing=overriding(base.timing, rule.timing, entry[1]))
    before = [replace(one, name=rule_name(one, index)) for index, one in enumerate(base.rules)]
    stated = stage.stated if stage is not None else 0
    name = _unique(rule.name or f"rule {stated + 1}", before)
    rules = _ordered([*before, replace(rule, name=name)])
    _check_reach(rules, name, call.source, base.id)
    scenario = replace(base, rules=_placed(rules))
    if stage is None:
        return Stage(scenario, written=(name,), stated=1)
    return replace(stage, scenario=scenario, written=(*stage.written, name), stated=stated + 1)


def rule_name(rule: Rule, index: int) -> str:
    """Return what exchanges call the rule at ``index``, from 0."""
    return rule.name or f"rule {index + 1}"


def plain(rule: Rule) -> bool:
    """Whether ``rule`` only says that a healthy answer is given."""
    return rule.reply is None and rule.timing is None and not rule.faults and rule.events is None and rule.wire is None


def _telling(scenario: Scenario, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the rules for whose sake somebody asks for ``scenario``: not the plain ones, if possible."""
    telling = tuple(name for rule, name in zip(scenario.rules, names, strict=True) if not plain(rule))
    return telling or tuple(names)


def _stacked(parts: Sequence[Scenario], over: Scenario | None, keys: Mapping[str, Any], source: Source) -> Stage:
    settings = {name: _setting(name, parts, over, keys, source) for name in _SETTINGS}
    timings = {part.timing for part in parts if part.timing != _UNSET.timing}
    timing = over.timing if over is not None and "timing" in keys else _UNSET.timing
    if timing == _UNSET.timing and len(timings) == 1 and all(part.timing in timings for part in parts):
        (timing,) = timings
    rules: list[Rule] = []
    used: list[Used] = []
    written: tuple[str, ...] = ()
    for part in parts:
        names: list[str] = []
        for rule in part.rules:
            if rule.timing is None and part.timing not in (timing, _UNSET.timing) and "timing" not in keys:
                rule = replace(rule, timing=part.timing)
            names.append(_unique(rule.name or f"rule {len(rules) + 1}", rules))
            rules.append(replace(rule, name=names[-1]))
        if part is over:
            written = tuple(names)
        else:
            used.append(Used(part.id, _telling(part, names)))
    ordered = _ordered(rules)
    _check_reach(ordered, "", source, "")
    scenario = Scenario(
        id=keys.get("id") or "+".join(part.id for part in parts if part is not over) or parts[0].id,
        title=parts[0].title,
        timing=timing,
        rules=_placed(ordered),
        expect=tuple(one for part in parts for one in part.expect),
        source=parts[0].source,
        **settings,
    )
    return Stage(scenario, tuple(used), written, len(rules))


def _setting(
    name: str, parts: Iterable[Scenario], over: Scenario | None, keys: Mapping[str, Any], source: Source
) -> Any:
    """Return what the whole has under ``name``: what is given here, else what the parts agree on."""
    if over is not None and name in keys:
        return getattr(over, name)
    unset = getattr(_UNSET, name)
    deciding = [part for part in parts if getattr(part, name) != unset]
    for one in deciding[1:]:
        if getattr(one, name) != getattr(deciding[0], name):
            message = f"{quoted(deciding[0].id)} and {quoted(one.id)} cannot be stacked: each decides the `{name}`"
            help = f"decide it here: `use(…, {name}=…)`"
            raise ScenarioError([Diagnostic("stack-conflict", message, source, help=help)])
    return getattr(deciding[0], name) if deciding else unset


def _ordered(rules: Sequence[Rule]) -> list[Rule]:
    """Return ``rules`` with those that answer everything at the end, and of these no plain one beside others."""
    narrow = [rule for rule in rules if rule.when != When()]
    broad = [rule for rule in rules if rule.when == When()]
    return narrow + ([rule for rule in broad if not plain(rule)] or broad[-1:])


def _placed(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return ``rules`` without the names that their places give them."""
    return tuple(
        replace(rule, name="") if rule.name == f"rule {number}" else rule for number, rule in enumerate(rules, 1)
    )


def _check_reach(rules: Sequence[Rule], added: str, source: Source, base: str) -> None:
    """Raise ScenarioError when one of ``rules``, all with names, is never reached; ``added`` was written last."""
    for number, before in reach.covered(rule.when for rule in rules):
        rule, other = rules[number], rules[before]
        if rule.name == added:
            message = f"this rule is never reached: {quoted(other.name)} of {quoted(base)} answers all that it would"
        else:
            message = f"the rule {quoted(rule.name)} is never reached: {quoted(other.name)} answers all that it would"
        help = "give one of them a narrower `when`, or `use` another scenario first"
        raise ScenarioError(
            [Diagnostic("unreachable-rule", message, source, Span(1, 1), length=len(source.name), help=help)]
        )


def _unique(name: str, rules: Iterable[Rule]) -> str:
    taken = {rule.name for rule in rules}
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name} ({number})", number + 1
    return unique
