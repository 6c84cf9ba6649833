"""A run for the reports: three cases made without a server, with everything in them that a renderer must survive."""

from __future__ import annotations

from mockoai.report.case import Case, Run
from mockoai.report.facts import Json, facts
from mockoai.scenario.load import load_text
from mockoai.verdict.model import Counts, Evidence, ExpectationResult, FaultCount, Finding, Verdict
from tests.support.judging import START, Story

SECRETS = ("hunter2-hunter2", "sk-live-0123456789abcdef", "tok%2Fen/value")
"""A password known by value, a key known by its shape and by where it stands, and one with characters to escape."""

CUT = """
id: cut
title: <script>alert("cut & run")</script>
rules:
  - name: "10: 50%, done"
    wire:
      - "HTTP/1.1 200 OK\\r\\nContent-Length: 40\\r\\n\\r\\n"
      - wait: 1.5s
      - "data: <b>sk-live-0123456789abcdef</b>\\n\\n"
      - end: fin
expect:
  - client: notices
"""

PASSED = 'id: passed\ntitle: All is well\nrules: [{ wire: ["HTTP/1.1 204 No Content\\r\\n\\r\\n", { end: clean }] }]\n'


def run() -> Run:
    """Return the run: one case that passed, one that failed, one that was not tested, and one that was not run."""
    command = ("npm", "test", f"--password={SECRETS[0]}", "<&'\">")
    return Run(
        cases=(_passed(), _failed(), _not_tested()),
        command=command,
        timeout=60.0,
        planned=4,
        started=START,
        seconds=3.25,
        seed=7,
    )


def case_facts() -> Json:
    """Return the facts of :func:`run`, with a version that does not change."""
    return facts(run(), SECRETS) | {"mockoai": "1.2.3"}


def _passed() -> Case:
    story = Story(scenario=load_text(PASSED, "chaos/passed.yaml"))
    story.ask(0.5)
    doubt = Finding(code="unclear", severity="doubt", message="Nobody can tell.", advice="Say more.", call=1)
    return Case(
        name="chaos/passed.yaml",
        scenario=load_text(PASSED, "chaos/passed.yaml"),
        received=START,
        seconds=0.25,
        exit_code=0,
        verdict=Verdict(
            grade="INCONCLUSIVE", connection="UNCLEAN", findings=(doubt,), counts=Counts(exchanges=1, calls=1)
        ),
        exchanges=tuple(story.exchanges),
    )


def _failed() -> Case:
    scenario = load_text(CUT, "chaos/cut.yaml")
    story = Story(scenario=scenario)
    story.ask(1.0, headers={"Authorization": f"Bearer {SECRETS[1]}", "X-Own": SECRETS[2]})
    story.ask(4.0, leave=1.0)
    finding = Finding(
        code="cut-accepted",
        severity="failure",
        message=f"The client took <half> of it for the whole: {SECRETS[0]}.",
        advice="Raise an error; 100% of the time.\nAlways.",
        evidence=(
            Evidence(text="It ended\nearly", exchange=1, seconds=1.5, expected=2.0, data=b"data: \xff<b>\x00"),
            Evidence(text="It said nothing"),
        ),
        call=1,
        scenario="cut",
    )
    unmet = Finding(
        code="expectation-not-met",
        severity="failure",
        message="cut expects `client: notices`; it took <half>.",
        advice="See why.",
        scenario="cut",
        line=scenario.expect[0].span.line,
    )
    warning = Finding(code="slow", severity="warning", message="It was slow.", advice="", about="connection")
    return Case(
        name="chaos/cut.yaml",
        scenario=scenario,
        received=START + 1,
        seconds=2.5,
        exit_code=1,
        stdout=f"half\x00 \x1b[31mred\x1b[0m \ufffe ]]> {SECRETS[0]} {SECRETS[1]}\n"
        + "".join(f"{n}\n" for n in range(25)),
        stderr="<script>alert(1)</script>\n",
        exchanges=tuple(story.exchanges),
        verdict=Verdict(
            grade="FAILED",
            connection="OK",
            findings=(finding, unmet, warning),
            expectations=(ExpectationResult("cut", "client", "notices", False, "it took <half>", 12),),
            faults=(FaultCount("cut", "fin-mid-chunked", 2, 1, 1, "no place"),),
            counts=Counts(exchanges=2, calls=2, outcomes=1),
        ),
    )


def _not_tested() -> Case:
    doubt = Finding(code="not-tested", severity="doubt", message="No request came.", advice="", about="run")
    return Case(
        name="done-missing",
        scenario=load_text("id: none\n", "chaos/none.yaml"),
        received=START + 3,
        seconds=0.5,
        exit_code=-15,
        timed_out=True,
        verdict=Verdict(grade="NOT TESTED", connection="NOT TESTED", findings=(doubt,)),
    )
