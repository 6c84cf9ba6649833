"""Tool calls: which one must be made, with which arguments, and how the answer then finishes.

Facts (API reference, ``tool_choice``): ``required`` and a named tool force a call, ``auto`` leaves it to the
model, ``allowed_tools`` narrows the choice. After a call the answer finishes with ``tool_calls``, but with
``stop`` when the tool was named; the deprecated ``functions`` finish with ``function_call``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from mockoai.jsonvalue import compact
from mockoai.reply.answer import Call
from mockoai.reply.prose import healthy
from mockoai.reply.regex import text_matching
from mockoai.reply.schema import instance
from mockoai.reply.tokens import split
from mockoai.scenario.model import ToolCallReply
from mockoai.seed import Seed

Json = Any


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the request; ``definition`` is what stands under ``function`` or ``custom``."""

    name: str
    definition: Mapping[str, Json]
    kind: Literal["function", "custom"] = "function"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the request says of tools: those on offer, those of which one must be called, and how a call finishes."""

    tools: tuple[Tool, ...] = ()
    forced: tuple[Tool, ...] = ()
    finish: Literal["tool_calls", "stop", "function_call"] = "tool_calls"

    @property
    def legacy(self) -> bool:
        """Whether the deprecated ``functions`` are used."""
        return self.finish == "function_call"


UNOFFERED = Tool("get_weather", {})
"""The tool of a scripted call without a name, when the request offers none."""

NO_TOOLS = Choice()
"""The choice of a request without tools."""


def choice(fields: Mapping[str, Json]) -> Choice:
    """Read ``tools`` and ``tool_choice``, or ``functions`` and ``function_call``, of a chat request.

    When the conversation ends in a tool's result, no call is forced: an agent that leaves ``required`` in place would
    otherwise call for ever.
    """
    found = _read(fields)
    return replace(found, forced=()) if found.forced and _ends_in_result(fields.get("messages")) else found


def _ends_in_result(messages: Json) -> bool:
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, dict) and last.get("role") in ("tool", "function")


def _read(fields: Mapping[str, Json]) -> Choice:
    if fields.get("tools"):
        return _modern(tuple(_tools(fields["tools"])), fields.get("tool_choice"))
    if fields.get("functions"):
        tools = tuple([Tool(*one) for one in _named(fields["functions"])])
        return Choice(tools, _called(tools, fields.get("function_call")), "function_call")
    return NO_TOOLS


def _modern(tools: tuple[Tool, ...], wanted: Json) -> Choice:
    if wanted == "required":
        return Choice(tools, tools)
    if not isinstance(wanted, dict):
        return Choice(tools)
    if wanted.get("type") == "allowed_tools":
        allowed = wanted.get("allowed_tools")
        if not isinstance(allowed, dict) or allowed.get("mode") != "required":
            return Choice(tools)
        names = {tool.name for tool in _tools(allowed.get("tools"))}
        return Choice(tools, tuple([tool for tool in tools if tool.name in names]))
    return Choice(tools, _called(tools, wanted.get("function", wanted.get("custom"))), "stop")


def _called(tools: tuple[Tool, ...], wanted: Json) -> tuple[Tool, ...]:
    name = wanted.get("name") if isinstance(wanted, dict) else None
    return tuple([tool for tool in tools if tool.name == name])


def _tools(tools: Json) -> Iterator[Tool]:
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict):
            kind: Literal["function", "custom"] = "custom" if tool.get("type") == "custom" else "function"
            for name, definition in _named([tool.get(kind)]):
                yield Tool(name, definition, kind)


def _named(definitions: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for one in definitions if isinstance(definitions, list) else ():
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            yield one["name"], one


def forced_call(choice: Choice, seed: Seed, model: str) -> Call:
    """Return a valid call of one of the tools of which one must be called."""
    tool = seed.child("tool").choice(choice.forced)
    said = _input(tool, seed)
    arguments = split(said if isinstance(said, str) else compact(said), model)
    return Call(tool.name, arguments, None if choice.legacy else call_id(seed), tool.kind, choice.legacy)


def scripted_calls(replies: Sequence[ToolCallReply], choice: Choice, seed: Seed, model: str) -> tuple[Call, ...]:
    """Return the calls that the scenario scripts; of a legacy function call there can be but one.

    A call without a name is of a tool that is offered: the first, in the second such call the second, and so on
    around; of those of which one must be called, if there are such.
    """
    legacy = choice.legacy
    offered = choice.forced or choice.tools
    unnamed = 0
    calls: list[Call] = []
    for index, one in enumerate(replies[:1] if legacy else replies):
        if one.name is not None:
            tool = next((tool for tool in choice.tools if tool.name == one.name), Tool(one.name, {}))
        else:
            tool = offered[unnamed % len(offered)] if offered else UNOFFERED
            unnamed += 1
        own = seed.child(index)
        said = _input(tool, own) if one.arguments is None else one.arguments
        calls.append(
            Call(
                name=tool.name,
                arguments=split(said if isinstance(said, str) else compact(said), model),
                id=None if legacy else one.id or call_id(own),
                kind=tool.kind,
                legacy=legacy,
            )
        )
    return tuple(calls)


def _input(tool: Tool, seed: Seed) -> Json:
    """Return what a healthy model would call ``tool`` with."""
    return custom_input(tool, seed) if tool.kind == "custom" else arguments_of(tool, seed)


def arguments_of(tool: Tool, seed: Seed) -> dict[str, Json]:
    """Return arguments that the parameters of a function allow; none where it declares none."""
    parameters = tool.definition.get("parameters")
    if not isinstance(parameters, dict) or not parameters:
        return {}
    made = instance(parameters, seed.child("arguments"))
    return made if isinstance(made, dict) else {}


def custom_input(tool: Tool, seed: Seed) -> str:
    """Return an input for a custom tool: a text, one that matches when its grammar is a regular expression.

    A Lark grammar is not followed.
    """
    form = tool.definition.get("format")
    grammar = form.get("grammar", form) if isinstance(form, dict) else {}
    if isinstance(grammar, dict) and grammar.get("syntax") == "regex" and isinstance(grammar.get("definition"), str):
        text = text_matching(grammar["definition"], seed)
        if text is not None:
            return text
    return healthy(seed)


def call_id(seed: Seed) -> str:
    """Return an id as OpenAI gives them: ``call_`` and 24 alphanumerics."""
    return "call_" + seed.child("call id").text(24)
