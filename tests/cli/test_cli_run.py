"""``mockoai run`` as its users run it: a process, a small client as the command, its exit code and its reports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockoai.cli.run import Progress
from tests.support.serving import clean_environment

CLIENT = """
import json, os, sys, urllib.request
url = sys.argv[1] if len(sys.argv) > 1 else os.environ["OPENAI_BASE_URL"]
body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
request = urllib.request.Request(
    url + "/chat/completions",
    json.dumps(body).encode(),
    {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
)
with urllib.request.urlopen(request, timeout=30) as answer:
    lines = answer.read().splitlines()
print("got", len(lines), "lines")
sys.exit(0 if b"data: [DONE]" in lines else "the answer was cut")
"""
"""Notices everything: a body that ends early by itself, a stream without its end by the exit code."""

SLEEPER = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1] + "/pids", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
if len(sys.argv) < 3:
    time.sleep(600)
"""
"""Starts a grandchild that inherits its output; with a second word it ends at once and leaves that behind."""

PAST_THE_END = """
id: past-the-end
rules:
  - reply: { text: Hi }
    faults: [{ fin-mid-chunked: { after: 90 tokens } }]
"""

Chaos = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def client(tmp_path: Path) -> tuple[str, str]:
    file = tmp_path / "client.py"
    file.write_text(CLIENT)
    return sys.executable, str(file)


@pytest.fixture
def sleeper(tmp_path: Path) -> tuple[str, str, str]:
    file = tmp_path / "sleeper.py"
    file.write_text(SLEEPER)
    return sys.executable, str(file), str(tmp_path)


@pytest.fixture
def chaos(tmp_path: Path) -> Chaos:
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mockoai", "run", *arguments],
            cwd=tmp_path,
            env=clean_environment(PYTHONPATH=str(Path(__file__).parents[2]), **environment),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has collected yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def pids(folder: Path) -> list[int]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if (folder / "pids").exists() and (found := (folder / "pids").read_text().split()):
            return [int(one) for one in found]
        time.sleep(0.01)
    raise AssertionError("the command did not start")


# --- what counts ------------------------------------------------------------------------------------------


def test_a_client_that_takes_a_whole_answer_passes(chaos: Chaos, client: tuple[str, str]) -> None:
    ran = chaos("healthy", "--", *client)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("ok  ")
    assert "1 scenario: 1 passed" in ran.stdout


def test_a_client_that_says_by_its_exit_code_that_it_noticed_passes(chaos: Chaos, client: tuple[str, str]) -> None:
    assert chaos("fin-mid-chunked", "--", *client).returncode == 0


def test_a_command_that_fails_though_its_answer_was_whole_fails(chaos: Chaos, client: tuple[str, str]) -> None:
    script = f"{client[0]} {client[1]}; exit 3"
    ran = chaos("healthy", "--", "sh", "-c", script)
    assert ran.returncode == 1
    assert "failure[command-failed]: The command ended with 3" in ran.stdout
    assert "  | got " in ran.stdout
    assert "again: mockoai run healthy -- sh -c '" in ran.stdout


def test_expect_says_what_counts(chaos: Chaos, client: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "three.yaml").write_text("id: three\nexpect: [{ exit: 3 }, { stdout: { contains: got } }]\n")
    assert chaos("three.yaml", "--", "sh", "-c", f"{client[0]} {client[1]}; exit 3").returncode == 0
    ran = chaos("three.yaml", "--", *client)
    assert ran.returncode == 1
    assert "three expects `exit: 3`; it ended with 0" in ran.stdout


def test_a_fault_past_the_end_of_the_answer_fails(chaos: Chaos, client: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "past.yaml").write_text(PAST_THE_END)
    ran = chaos("past.yaml", "--", *client)
    assert ran.returncode == 1
    assert "failure[fault-not-fired]" in ran.stdout
    assert "--> past.yaml:4" in ran.stdout


def test_a_command_that_sends_nothing_exercises_nothing(chaos: Chaos, client: tuple[str, str]) -> None:
    ran = chaos("healthy", "--", "true")
    assert ran.returncode == 5
    assert "NOT TESTED" in ran.stdout
    assert chaos("healthy", "fin-mid-chunked", "--", "sh", "-c", "exit 1").returncode == 5


def test_a_command_that_is_killed_by_a_signal_fails(chaos: Chaos, client: tuple[str, str]) -> None:
    ran = chaos("fin-mid-chunked", "--", "sh", "-c", f"{client[0]} {client[1]}; kill -ABRT $$")
    assert ran.returncode == 1
    assert "failure[command-crashed]: The command was ended by SIGABRT." in ran.stdout


# --- what the command gets --------------------------------------------------------------------------------


def test_the_base_url_goes_where_the_command_wants_it(chaos: Chaos, client: tuple[str, str]) -> None:
    assert chaos("healthy", "--", *client, "{url}").returncode == 0
    script = '[ "$LLM_URL" = "$OPENAI_BASE_URL" ] && [ "$OPENAI_API_BASE" = "$LLM_URL" ] && ' + " ".join(client)
    assert chaos("healthy", "--base-url-env", "LLM_URL", "--", "sh", "-c", script).returncode == 0


def test_options_of_the_command_are_its_own(chaos: Chaos, client: tuple[str, str]) -> None:
    ran = chaos("healthy", "--", "sh", "-c", f'[ "$1 $2" = "--jobs --" ] && {" ".join(client)}', "sh", "--jobs", "--")
    assert ran.returncode == 0


# --- time and processes -----------------------------------------------------------------------------------


def test_a_command_whose_time_is_over_is_ended_with_all_it_started(
    chaos: Chaos, sleeper: tuple[str, ...], tmp_path: Path
) -> None:
    ran = chaos("healthy", "--timeout", "2s", "--", *sleeper)
    assert ran.returncode == 1
    assert "failure[command-timed-out]: The command was still running after 2 s." in ran.stdout
    assert all(gone(pid) for pid in pids(tmp_path))


def test_what_a_command_leaves_behind_is_ended(chaos: Chaos, sleeper: tuple[str, ...], tmp_path: Path) -> None:
    assert chaos("healthy", "--timeout", "50s", "--", *sleeper, "leave").returncode == 5
    assert all(gone(pid) for pid in pids(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_everything_and_reports_what_was_done(
    number: int, sleeper: tuple[str, ...], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mockoai", "run", "healthy", "--json", "out.json", "--", *sleeper],
        cwd=tmp_path,
        env=clean_environment(PYTHONPATH=str(Path(__file__).parents[2])),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    found = pids(tmp_path)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert "1 scenario: 0 passed, 1 not run" in out
    assert "(interrupted)" in out
    assert json.loads((tmp_path / "out.json").read_text())["interrupted"] is True
    assert all(gone(pid) for pid in found)


# --- which scenarios --------------------------------------------------------------------------------------


def test_cases_run_side_by_side_and_are_reported_in_order(chaos: Chaos, tmp_path: Path) -> None:
    # Each waits for the other, so that neither ends unless both run at once.
    script = "echo > at.$$; for i in $(seq 400); do [ $(ls at.* | wc -l) -ge 2 ] && exit 0; sleep 0.05; done; exit 9"
    ran = chaos("done-missing", "healthy", "--jobs", "2", "--json", "out.json", "--", "sh", "-c", script)
    assert ran.returncode == 5
    cases = json.loads((tmp_path / "out.json").read_text())["cases"]
    assert [(one["scenario"], one["command"]["exit_code"]) for one in cases] == [("done-missing", 0), ("healthy", 0)]


def test_globs_folders_and_categories(chaos: Chaos, tmp_path: Path) -> None:
    def ids(*names: str) -> list[str]:
        chaos(*names, "--jobs", "8", "--json", "out.json", "--", "true")
        return [one["scenario"] for one in json.loads((tmp_path / "out.json").read_text())["cases"]]

    assert len(ids("completions/*")) == 11
    assert ids("done-twi*", "sse/done-twice", "done-twice") == ["done-twice"]
    (tmp_path / "own").mkdir()
    for name in ("b", "a"):
        (tmp_path / "own" / f"{name}.yaml").write_text(f"id: {name}\n")
    assert ids("own") == ids("own/*.yaml") == ["a", "b"]


def test_what_did_not_pass_runs_again(chaos: Chaos, client: tuple[str, str], tmp_path: Path) -> None:
    chaos(
        "healthy",
        "fin-mid-chunked",
        "--seed",
        "7",
        "--json",
        "out.json",
        "--",
        "sh",
        "-c",
        f"{' '.join(client)}; exit 3",
    )
    before: dict[str, Any] = json.loads((tmp_path / "out.json").read_text())
    assert [one["status"] for one in before["cases"]] == ["failed", "passed"]
    again = chaos("--replay", "out.json", "--json", "again.json")
    assert again.returncode == 1
    after: dict[str, Any] = json.loads((tmp_path / "again.json").read_text())
    assert [one["scenario"] for one in after["cases"]] == ["healthy"]
    ids = [one["cases"][0]["exchanges"][0]["plan"]["steps"][1]["text"].split(",")[0] for one in (before, after)]
    assert ids[0] == ids[1]
    assert "chatcmpl-" in ids[0]
    assert chaos("fin-mid-chunked", "--replay", "out.json", "--", *client).returncode == 0
    nothing = chaos("nowhere", "--replay", "out.json")
    assert nothing.returncode == 2
    assert "error[nothing-to-replay]" in nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("healthy",), "error[missing-command]: there is no command to run"),
        (("healthy", "--"), "error[missing-command]"),
        (("--", "true"), "error[missing-scenario]: there is no scenario"),
        (("healthy", "--", "nosuchcommand"), "error[command-not-found]: there is no command `nosuchcommand`"),
        (("healthy", "--", "./unknown.sh"), "error[command-not-found]"),
        (("done-mising", "--", "true"), "error[unknown-scenario]"),
        (("ssee/*", "--", "true"), "did you mean `sse`?"),
        (("*nothing*", "--", "true"), "error[no-scenario-matches]"),
        (("healthy", "--timeout", "soon", "--", "true"), "`soon` is no duration"),
        (("healthy", "--json", "/proc/none/x.json", "--", "true"), "error[report-unwritable]"),
        (("--replay", "none.json"), "error[bad-report]: cannot read `none.json`"),
        (("--replay", "/dev/null"), "error[bad-report]: `/dev/null` is no report of a run"),
    ],
)
def test_mistakes_are_said_before_anything_runs(chaos: Chaos, arguments: tuple[str, ...], message: str) -> None:
    ran = chaos(*arguments)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_script_that_the_system_cannot_start_is_a_mistake_in_words(chaos: Chaos, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/nowhere/interpreter\n")
    script.chmod(0o755)
    ran = chaos("healthy", "--", "./script")
    assert ran.returncode == 2
    assert "error[command-not-found]: cannot run `./script`" in ran.stderr


# --- reports ----------------------------------------------------------------------------------------------


def test_reports_are_written_and_hold_no_secret(chaos: Chaos, client: tuple[str, str], tmp_path: Path) -> None:
    secret = "correct-horse-battery-staple"
    script = f'echo "$DB_PASSWORD" sk-live-0123456789; echo "$OPENAI_API_KEY" >&2; {" ".join(client)}; exit 1'
    files = ("--junit", "r/out.xml", "--json", "r/out.json", "--html", "r/out.html")
    ran = chaos(
        "healthy", *files, "--", "sh", "-c", script, "x", "--key=sk-live-0123456789", secret,
        DB_PASSWORD=secret, GITHUB_ACTIONS="true",
    )  # fmt: skip
    assert ran.returncode == 1
    written = [path.read_text(encoding="utf-8") for path in (tmp_path / "r").iterdir()]
    assert len(written) == 3
    for text in (*written, ran.stdout, ran.stderr):
        for one in (secret, "sk-live-0123456789", "sk-mockoai"):
            assert one not in text
    assert all("[redacted]" in text for text in written)


def test_annotations_come_by_themselves_where_they_are_shown(
    chaos: Chaos, client: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "past.yaml").write_text(PAST_THE_END)
    assert "::error" not in chaos("past.yaml", "--", *client).stdout
    ran = chaos("past.yaml", "--", *client, GITHUB_ACTIONS="true")
    assert "::error file=past.yaml,line=4,title=mockoai past-the-end%3A fault-not-fired::" in ran.stdout


def test_an_expectation_that_is_not_met_is_annotated_on_its_own_line(
    chaos: Chaos, client: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "two.yaml").write_text("id: two\nrules: [{ reply: Hi }]\nexpect:\n  - exit: 0\n  - calls: 2..\n")
    ran = chaos("two.yaml", "--", *client, GITHUB_ACTIONS="true")
    assert "::error file=two.yaml,line=5,title=mockoai two%3A expectation-not-met::" in ran.stdout


def test_the_summary_of_a_workflow_step_is_added_to_what_is_there(
    chaos: Chaos, client: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "past.yaml").write_text(PAST_THE_END)
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    ran = chaos("past.yaml", "healthy", "--", *client, GITHUB_STEP_SUMMARY=str(summary))
    assert ran.returncode == 1
    lines = summary.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["before", "### mockoai run: 1 failed, 1 passed"]
    assert [line.split(" |")[0] for line in lines if line.startswith("|")] == ["| grade", "| ---", "| FAILED"]
    unwritable = chaos("healthy", "--", *client, GITHUB_STEP_SUMMARY=str(tmp_path))
    assert unwritable.returncode == 0
    assert "warning: cannot write GITHUB_STEP_SUMMARY" in unwritable.stderr


def test_a_long_run_says_now_and_then_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    progress = Progress(4, lambda: now)
    progress.step()
    now = 9.0
    progress.step()
    assert capsys.readouterr().err == ""
    now = 19.0
    progress.wait(2, [("stall", 12.4), ("healthy", 0.1)])
    assert capsys.readouterr().err == "2 of 4 done; running: stall for 12 s, healthy for 0 s\n"
    now = 28.0
    progress.step()
    assert capsys.readouterr().err == ""
    now = 60.0
    progress.step()  # the last: the summary follows
    assert capsys.readouterr().err == ""


def test_one_of_many_quick_cases_says_how_far_the_run_is(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    progress = Progress(100, lambda: now)
    now = 10.0
    progress.step()
    progress.step()
    assert capsys.readouterr().err == "1 of 100 done\n"


def test_quiet_prints_what_did_not_pass(chaos: Chaos, client: tuple[str, str]) -> None:
    ran = chaos("healthy", "-q", "--", *client)
    assert ran.stdout.splitlines() == [ran.stdout.splitlines()[-1]]
    assert ran.stdout.startswith("1 scenario: 1 passed")


def test_long_output_is_kept_at_both_ends(chaos: Chaos, tmp_path: Path) -> None:
    script = f"import sys; sys.stdout.write('first' + 'x' * {3 << 20} + 'last')"
    chaos("healthy", "--json", "out.json", "--", sys.executable, "-c", script)
    (case,) = json.loads((tmp_path / "out.json").read_text())["cases"]
    out = case["command"]["stdout"]
    assert out.startswith("first")
    assert out.endswith("last")
    assert "bytes left out" in out
    assert len(out) < 1 << 20


def test_a_report_needs_no_environment(chaos: Chaos) -> None:
    assert chaos("healthy", "--", "true", PATH=os.environ["PATH"]).returncode == 5
