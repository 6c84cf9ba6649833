"""The command tree: helps, exit codes, errors in words, near names."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import click
import pytest

import mockoai
from mockoai.cli import main, root
from mockoai.cli.codes import codes
from mockoai.cli.root import COMMANDS
from mockoai.errors import StartError
from tests.cli.conftest import Cli
from tests.support import golden
from tests.support.serving import clean_environment

GOLDEN = Path(__file__).parent / "golden" / "help"
PACKAGE = Path(mockoai.__file__).parent


def commands() -> list[click.Command]:
    context = click.Context(root.root)
    found = [root.root.get_command(context, name) for name in COMMANDS]
    return [root.root, *(one for one in found if one is not None)]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help(name: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "102")
    ran = cli(*name.split(), "--help")
    assert (ran.code, ran.err) == (0, "")
    golden.check(GOLDEN / f"{name or 'mockoai'}.txt", ran.out)
    assert cli(*name.split(), "-h").out == ran.out


def test_every_command_has_a_module_of_its_own_and_a_line_in_the_help(cli: Cli) -> None:
    listed = cli("--help").out
    for name, text in COMMANDS.items():
        assert f"  {name}" in listed
        assert text in listed


def test_every_option_has_a_twin_in_the_environment_that_the_help_names() -> None:
    missing = []
    for command in commands():
        context = click.Context(command)
        for one in command.params:
            if isinstance(one, click.Option) and not {"--help", "--version"} & set(one.opts):
                long = next(name for name in one.opts if name.startswith("--"))
                twin = f"MOCKOAI_{long[2:].upper().replace('-', '_')}"
                record = one.get_help_record(context)
                if one.envvar != twin or record is None or f"env: {twin}" not in record[1]:
                    missing.append(f"{command.name} {long}")
    assert not missing


def test_a_twin_says_what_the_option_says(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKOAI_SEED", "7")
    assert "seed 7" in cli("plan", "healthy").out
    assert "seed 8" in cli("plan", "healthy", "--seed", "8").out
    monkeypatch.setenv("MOCKOAI_SEED", "seven")
    ran = cli("plan", "healthy")
    assert ran.code == 2
    assert "seven" in ran.err


def test_no_command_shows_the_help_and_does_not_pass(cli: Cli) -> None:
    ran = cli()
    assert (ran.code, ran.out) == (2, "")
    assert "Commands:" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message", "help"),
    [
        (("serv",), "error[unknown-command]: there is no command `serv`", "did you mean `serve`?"),
        (("xyzzy",), "error[unknown-command]: there is no command `xyzzy`", "`mockoai --help` lists"),
        (("plan", "x", "--sed", "1"), "error[unknown-option]: `mockoai plan` has no option `--sed`", "`--seed`"),
        (
            ("plan", "x", "--qqq"),
            "error[unknown-option]: `mockoai plan` has no option `--qqq`",
            "`mockoai plan --help`",
        ),
        (("plan",), "error[usage]: missing argument", "`mockoai plan --help`"),
        (("plan", "healthy", "--seed", "x"), "error[usage]: invalid value for", "`mockoai plan --help`"),
        (("plan", "healthy", "--call", "0"), "error[usage]: invalid value for", "--help"),
        (("plan", "healthy", "--clock", "noon"), "`noon` is no instant", "--help"),
        (("plan", "healthy", "--backend", "opnai"), "did you mean `openai`?", "--help"),
        (("plan", "done-mising"), "error[unknown-scenario]: no scenario is called `done-mising`", "`done-missing`"),
        (("plan", "nowhere.yaml"), "error[file-missing]: there is no file `nowhere.yaml`", ""),
        (("explain", "done-mising"), "error[unknown-id]", "`done-missing`"),
        (("list", "falts"), "error[unknown-list]: there is no list of `falts`", "`faults`"),
        (("list", "faults", "transprot"), "error[unknown-category]", "`transport`"),
    ],
)
def test_a_mistake_is_said_in_words_with_a_way_out(
    cli: Cli, arguments: tuple[str, ...], message: str, help: str
) -> None:
    ran = cli(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert message in ran.err
    assert help in ran.err
    assert "Traceback" not in ran.err


def test_every_code_in_the_program_is_explained() -> None:
    """Codes are the first argument of these calls; one without an explanation would lead nowhere."""
    raising = {"UsageError", "StartError", "MockoaiError", "complain"}
    found: dict[str, Path] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in raising
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found[str(node.args[0].value)] = path
    assert len(found) > 5
    assert {code: path for code, path in found.items() if code not in codes()} == {}


def _boom(*_: object) -> None:
    raise RuntimeError("the\nflux capacitor")


def test_an_unexpected_error_is_one_line_and_its_traceback_is_for_those_who_ask(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockoai.scenario.schema.json_schema", _boom)
    ran = cli("schema")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.splitlines() == [
        "error[internal]: RuntimeError: the flux capacitor (run again with --debug for the traceback)"
    ]
    for asked in (cli("schema", "--debug"), cli("--debug", "schema")):
        assert asked.code == 4
        assert "Traceback (most recent call last)" in asked.err
    monkeypatch.setenv("MOCKOAI_DEBUG", "1")
    assert "Traceback (most recent call last)" in cli("schema").err


def test_an_error_carries_its_own_exit_code(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise StartError("port-in-use", "port 80 is taken", "choose another")

    monkeypatch.setattr("mockoai.scenario.schema.json_schema", fail)
    ran = cli("schema")
    assert (ran.code, ran.err) == (3, "error[port-in-use]: port 80 is taken\nhelp: choose another\n")


def test_an_interrupt_is_130_and_silent(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mockoai.scenario.schema.json_schema", interrupt)
    ran = cli("schema")
    assert (ran.code, ran.out, ran.err) == (130, "", "")
    monkeypatch.setattr("mockoai.cli.root.run", lambda _: interrupt())
    assert main(["schema"]) == 130


def test_the_version_comes_without_importing_the_rest() -> None:
    code = (
        "import sys; from mockoai.cli import main; assert main(['--version']) == 0;"
        "heavy = ('asyncio', 'uvicorn', 'yaml', 'pydantic', 'rich', 'mockoai.plan.build');"
        "print([one for one in heavy if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean_environment()
    )
    assert done.stdout == f"mockoai {mockoai.__version__}\n[]\n"


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mockoai", "serv"], capture_output=True, text=True, check=False, env=clean_environment()
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[unknown-command]")


@pytest.mark.parametrize("arguments", [("list", "faults"), ("schema",), ("--help",), ("plan", "healthy", "--full")])
def test_a_reader_that_leaves_is_no_error(arguments: tuple[str, ...]) -> None:
    """As in ``| head -0``: the pipe is closed before anything is written."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mockoai", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), err) == (0, b"")


def test_completion_scripts_are_offered() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mockoai"],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(_MOCKOAI_COMPLETE="bash_source"),
    )
    assert "_mockoai_completion" in done.stdout
