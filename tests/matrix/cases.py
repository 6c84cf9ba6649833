"""What to ask for so that a scenario shows its failure: one case for each kind of call that a rule is about. Pure.

A rule is worth a case when it does anything: has faults, a reply, a timing, literal events or bytes. It is asked
for as a stream and whole, in the way that ``mockoai plan`` makes requests up; what an HTTP status says to both
alike is asked for once. An answer that calls tools is asked for with these tools, since an application would
have offered them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockoai.backends import BACKENDS
from mockoai.cli.planned import plan
from mockoai.cli.sample import KEY, MODEL, PROMPT, VARIANTS, Wish, requests
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.scenario import catalogue
from mockoai.scenario.load import load_text
from mockoai.scenario.model import HEALTHY, Rule, Scenario
from tests.matrix.meaning import meant

Json = dict[str, Any]

KINDS: Mapping[str, tuple[str, bool]] = {
    "stream": ("chat", True),
    "whole": ("chat", False),
    "text stream": ("completions", True),
    "text": ("completions", False),
    "models": ("models", False),
    "model": ("model", False),
}
"""Endpoint of every kind of call, and whether a stream is asked for; the names are those of the table."""

RETRIED = ("auth", "routing", "http-errors", "rate-limits", "transport")
"""Categories whose scenarios are run a second time, with the clients' own retries."""
RETRIED_BESIDES = ("err-first-event",)
POISONING = ("headers", "transport")
"""Categories after which a connection that is still open is not trusted."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call that a client is to make.

    ``rule`` is the rule that must answer it. ``model`` is the model to retrieve. The answer is for ``warm`` calls on
    the same client before, and the client leaves after ``leave`` chunks, when these are not 0. ``yaml`` is the scenario
    where the file itself is too slow for a short timeout, and ``note`` says what is other in it. ``poisons`` tells that
    connections which a client may keep are no good afterwards. ``wire`` is a digest of the file and of what is planned
    to be sent, so that results are not taken for those of another wire.
    """

    scenario: str
    category: str
    call: str
    rule: str
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    model: str = MODEL
    warm: int = 0
    leave: int = 0
    retries: bool = False
    yaml: str = ""
    note: str = ""
    poisons: bool = False
    wire: str = ""

    @property
    def served(self) -> Scenario:
        """The scenario that is served."""
        if self.yaml:
            return load_text(self.yaml, self.scenario)
        return HEALTHY if self.scenario == HEALTHY.id else catalogue.get(self.scenario)

    @property
    def endpoint(self) -> str:
        """The endpoint that is called."""
        return KINDS.get(self.call, ("chat", True))[0]

    @property
    def key(self) -> str:
        """What tells it from all other cases."""
        return f"{self.scenario} {self.call}" + (" retries" if self.retries else "")


@dataclass(frozen=True, slots=True)
class Special:
    """What a scenario needs beyond what its rules say; ``why`` is for the reader of this file."""

    why: str
    rule: str = ""
    kinds: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    warm: int = 0
    leave: int = 0
    faster: tuple[str, str] = ("", "")


_SOONER = Special("a timeout of three seconds comes before the first sign of life", faster=("every: 10s", "every: 1s"))

SPECIAL: Mapping[str, Special] = {
    "auth-bad-scheme": Special(
        "clients send the scheme by themselves, and one that forgets it is played by this header",
        rule="anything else",
        headers={"Authorization": KEY},
    ),
    "half-open-client-cancel": Special("it is for clients that leave", kinds=("stream",), leave=5),
    "hard-cap-close": _SOONER,
    "keepalive-comments-only": _SOONER,
    "keepalive-newlines-nonstream": _SOONER,
    "keepalive-idle-close-race": Special("the race is lost by the second call on a connection", warm=1),
    "legacy-echo-and-logprobs": Special("these must be asked for", body={"echo": True, "logprobs": 2}),
    "models-auth-open": Special("the list is open and the rest is not", kinds=("models", "stream")),
    "models-slash-ids": Special("a slash matters in the path of one model", kinds=("model",)),
    "retry-amplification": Special("layers may retry a whole answer only", kinds=("stream", "whole")),
    "redirect-302-login": Special(
        "a redirect leaves the scenario's base URL, and a header does not get lost",
        rule="redirected",
        kinds=("stream", "whole"),
        headers={"x-mockoai-scenario": "redirect-302-login"},
        body={"model": MODEL},
    ),
}


def all_cases() -> list[Case]:
    """Return the cases of the healthy server and of the whole catalogue, in its order, retries last."""
    plain = [*healthy(), *(case for id in catalogue.ids() for case in cases(catalogue.get(id)))]
    retried = [case for case in plain if case.category in RETRIED or case.scenario in RETRIED_BESIDES]
    return plain + [replace(case, retries=True) for case in retried if not case.leave]


def healthy() -> Iterator[Case]:
    """Yield the cases without any failure, which every client must survive: they test the matrix itself."""
    rule = HEALTHY.rules[0] if HEALTHY.rules else Rule()
    wanted: tuple[tuple[str, str, Json], ...] = (
        ("stream", "stream", {}),
        ("stream, usage", "stream", {"stream_options": {"include_usage": True}}),
        ("stream, tool", "stream", _tool_fields()),
        ("whole", "whole", {}),
        ("whole, tool", "whole", _tool_fields()),
        ("text stream", "text stream", {}),
        ("text", "text", {}),
        ("models", "models", {}),
        ("model", "model", {}),
    )
    for name, kind, fields in wanted:
        endpoint, stream = KINDS[kind]
        yield Case(HEALTHY.id, "", name, rule.name, {**_said(endpoint, stream), **fields})


def cases(scenario: Scenario) -> list[Case]:
    """Return the cases of one scenario, at most one of each kind."""
    special = SPECIAL.get(scenario.id, Special(""))
    source = catalogue.path(scenario.id).read_text() if scenario.id in catalogue.index() else ""
    yaml = source.replace(*special.faster) if special.faster[0] else ""
    if yaml:
        scenario = replace(load_text(yaml, scenario.id), category=scenario.category)
    # A scenario whose faults never fire is asked for all the same: the matrix shows that they were not delivered.
    found = _cases(scenario, special, fired=True) or _cases(scenario, special, fired=False)
    assert found, f"{scenario.id}: no request is answered by a rule of it"
    note = f"with `{special.faster[1]}`" if yaml else ""
    return [replace(case, wire=_digest(source, yaml, case.wire), yaml=yaml, note=note) for case in found]


def _cases(scenario: Scenario, special: Special, *, fired: bool) -> list[Case]:
    found: dict[str, Case] = {}
    answers: dict[str, int] = {}
    for rule in _worth(scenario, special):
        for kind in special.kinds or _kinds(scenario, rule):
            made = None if kind in found else _made(scenario, rule, kind, special, fired)
            if made is None:
                continue
            asked, planned = made
            if planned.status >= 400 and rule.name in answers and not special.kinds:
                continue  # an error status says the same to a stream and to a whole answer
            if planned.status >= 400:
                answers[rule.name] = planned.status
            found[kind] = _case(scenario, rule, kind, special, asked, planned)
    return list(found.values())


def _worth(scenario: Scenario, special: Special) -> list[Rule]:
    """Return the rules that do anything and answer a first call; the first rule when none does."""
    if special.rule:
        return [one for one in scenario.rules if one.name == special.rule]
    if special.kinds:
        return list(scenario.rules)
    doing = [
        one
        for one in scenario.rules
        if (one.faults or one.reply or one.timing or one.events or one.wire)
        and (one.when.call is None or one.when.call.first == 1)
    ]
    return doing or list(scenario.rules[:1])


def _kinds(scenario: Scenario, rule: Rule) -> tuple[str, ...]:
    if scenario.category == "models":
        return ("model",) if "model" in rule.when.endpoint else ("models",)
    return ("text stream", "text") if scenario.category == "completions" else ("stream", "whole")


def _made(scenario: Scenario, rule: Rule, kind: str, special: Special, fired: bool) -> tuple[Request, Plan] | None:
    """Return the most ordinary request that ``rule`` answers, with all its faults if ``fired``, and the plan."""
    endpoint, stream = KINDS[kind]
    if rule.when.endpoint and endpoint not in rule.when.endpoint:
        return None
    wish = Wish(endpoint, stream if endpoint in VARIANTS else None)
    if rule.when.stream is not None and wish.stream is not None and rule.when.stream != stream:
        return None
    candidates = list(requests(scenario, rule, BACKENDS[scenario.backend], wish))
    if scenario.category == "usage":
        # Who looks at usage asks for it, unless the scenario is about those who do not.
        candidates.sort(key=lambda one: "stream_options" not in one.fields)
    for asked in candidates:
        asked = _with(asked, special.body, special.headers)
        planned = plan(scenario, asked, 1)
        basis = planned.answer.basis
        if basis is not None and basis[1] is rule and planned.fired >= fired:
            return asked, planned.answer.plan
    return None


def _case(scenario: Scenario, rule: Rule, kind: str, special: Special, asked: Request, planned: Plan) -> Case:
    body = dict(asked.fields)
    if body.get("stream") is False:
        del body["stream"]
    headers = dict(special.headers)
    if rule.when.header and not special.headers:
        headers = {name: value for name, value in asked.headers if name in dict(rule.when.header)}
    means = meant(scenario, rule, asked)
    if means.get("tool_calls") and "tools" not in body:
        body["tools"] = [_offered(call) for call in means["tool_calls"]]
    return Case(
        scenario=scenario.id,
        category=scenario.category,
        call=kind,
        rule=rule.name,
        body=body,
        headers=headers,
        model=asked.parameter("model") or MODEL,
        warm=special.warm,
        leave=special.leave,
        poisons=scenario.category in POISONING and (planned.ending in ("clean", "hang") or planned.duration > 0),
        wire=_digest(repr(planned.steps)),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _with(asked: Request, body: Json, headers: Mapping[str, str]) -> Request:
    given = {name.lower(): value for name, value in headers.items()}
    kept = [one for one in asked.headers if one[0] not in given]
    fields = {**asked.fields, **body}
    data = json.dumps(fields).encode() if asked.method == "POST" else b""
    return Request(
        method=asked.method,
        path=asked.path,
        headers=(*kept, *given.items()),
        body=data,
        target=asked.target,
        endpoint=asked.endpoint,
        parameters=asked.parameters,
    )


def _offered(call: Mapping[str, str]) -> Json:
    """Return the definition of the tool that ``call`` calls."""
    try:
        arguments = json.loads(call["arguments"])
    except ValueError:
        arguments = {}
    properties = {name: {"type": "string"} for name in arguments}
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": call["name"], "parameters": parameters}}


def _tool_fields() -> Json:
    call = {"name": "get_weather", "arguments": '{"city": ""}'}
    return {"tools": [_offered(call)], "tool_choice": "required"}


def _said(endpoint: str, stream: bool) -> Json:
    if endpoint not in VARIANTS:
        return {}
    said: Json = (
        {"prompt": PROMPT} if endpoint == "completions" else {"messages": [{"role": "user", "content": PROMPT}]}
    )
    return {"model": MODEL, **said, **({"stream": True} if stream else {})}
