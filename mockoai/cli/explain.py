"""``mockoai explain``: what a scenario, fault, backend or error code is, and how it looks on the wire."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from mockoai.cli.options import Command, did_you_mean, option
from mockoai.cli.terminal import columns, out, paint_for
from mockoai.errors import EXIT_OK, UsageError

WIDTH = 100

EPILOG = """
Examples:
  mockoai explain done-missing      a scenario, the fault of that name, and the bytes
  mockoai explain openai            a backend
  mockoai explain unknown-key       what stands in the brackets of an error
"""

Facts = dict[str, Any]


@click.command("explain", cls=Command, epilog=EPILOG, short_help="Explain a scenario, fault, backend or code.")
@click.argument("id", metavar="ID")
@option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(id: str, as_json: bool) -> int:
    """Explain ID: a scenario, a fault, a backend, or the code of an error."""
    found = explain(id)
    if not found:
        help = did_you_mean(id, _known()) or "`mockoai list` shows all there is"
        raise UsageError("unknown-id", f"there is no scenario, fault, backend or code `{id}`", help)
    if as_json:
        out(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        return EXIT_OK
    write = {"scenario": _scenario, "fault": _fault, "backend": _backend, "code": _code}
    out("\n".join("".join(line + "\n" for line in write[kind](facts)) for kind, facts in found.items()))
    return EXIT_OK


def explain(id: str) -> dict[str, Facts]:
    """Return what is called ``id``, by kind: ``scenario``, ``fault``, ``backend``, ``code``."""
    from mockoai.backends import BACKENDS
    from mockoai.cli import describe
    from mockoai.cli.codes import codes
    from mockoai.faults import registry
    from mockoai.scenario import catalogue

    found: dict[str, Facts] = {}
    if id in catalogue.index():
        found["scenario"] = describe.scenario(id)
    if id in registry.load():
        found["fault"] = describe.fault(id)
    if id in BACKENDS:
        found["backend"] = next(one for one in describe.backends() if one["name"] == id)
    # In answers some codes are spelt as OpenAI spells its own: `no_rule_matched`.
    if (code := id.replace("_", "-")) in codes():
        found["code"] = {"code": code, "help": codes()[code]}
    return found


def _known() -> set[str]:
    from mockoai.backends import BACKENDS
    from mockoai.cli.codes import codes
    from mockoai.faults import registry
    from mockoai.scenario import catalogue

    return {*catalogue.index(), *registry.load(), *BACKENDS, *codes()}


# --- text -------------------------------------------------------------------------------------------------


def _scenario(facts: Facts) -> Iterator[str]:
    yield _title(facts["id"], f"scenario, {facts['category']}")
    yield from _wrapped(facts["title"])
    yield ""
    if facts["description"]:
        yield from _paragraphs(facts["description"])
        yield ""
    for name, key in (
        ("who does it", "who"),
        ("evidence", "evidence"),
        ("sound client", "sound_client"),
        ("not exact", "nearest"),
    ):
        if facts[key]:
            yield from _field(name, facts[key])
    yield from _field("file", _from_here(facts["path"]))
    yield ""
    yield _heading("the file")
    yield from (f"  {line}".rstrip() for line in facts["yaml"].splitlines())
    yield ""
    yield _heading("on the wire")
    yield from (f"  {line}".rstrip() for line in facts["wire"].splitlines())
    yield ""
    yield _heading("to meet it")
    yield f"  mockoai serve {facts['id']}"
    yield f"  or at a running server: base URL http://127.0.0.1:8000/scenario/{facts['id']}/v1"


def _fault(facts: Facts) -> Iterator[str]:
    yield _title(facts["id"], f"fault, {facts['family']}")
    yield from _paragraphs(facts["description"])
    yield ""
    yield from _field("layer", facts["layer"])
    needs = {"stream": "a streamed answer", "body": "an answer that is not streamed"}.get(facts["needs"])
    if needs:
        yield from _field("needs", needs)
    if facts["claims"]:
        claimed = ", ".join(facts["claims"])
        yield from _field("claims", f"{claimed}: no other fault of the rule can claim the same")
    yield ""
    if not facts["parameters"]:
        yield "It has no parameters."
        return
    yield _heading("parameters")
    wide = max(len(one["name"]) for one in facts["parameters"])
    for one in facts["parameters"]:
        default = "required" if one["required"] else f"default {_yaml(one['default'])}"
        yield from _field(one["name"], f"{one['expected']}; {default}", wide=wide, indent="  ")


def _backend(facts: Facts) -> Iterator[str]:
    yield _title(facts["name"], "backend")
    yield from _paragraphs(facts["description"] or facts["title"])
    yield ""
    yield from _field("base URL", f"http://127.0.0.1:{facts['port']}{facts['base']}")
    yield from _field("key", facts["auth"])
    yield from _field("models", ", ".join(facts["models"]) or "none")
    if facts["pages"]:
        yield from _field("pages", ", ".join(facts["pages"]))
    yield ""
    yield _heading("to meet it")
    yield f"  mockoai serve --backend {facts['name']}"


def _code(facts: Facts) -> Iterator[str]:
    yield _title(facts["code"], "error code")
    yield from facts["help"].rstrip("\n").splitlines()


def _title(name: str, kind: str) -> str:
    paint = paint_for(sys.stdout)
    return f"{paint('bold', name)}  {paint('dim', f'({kind})')}"


def _heading(text: str) -> str:
    return paint_for(sys.stdout)("dim", text)


def _field(name: str, text: str, *, wide: int = 12, indent: str = "") -> Iterator[str]:
    room = _width() - len(indent) - wide - 2
    lines = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
    paint = paint_for(sys.stdout)
    yield f"{indent}{paint('name', f'{name:<{wide}}')}  {lines[0]}"
    yield from (f"{indent}{'':<{wide}}  {line}" for line in lines[1:])


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield ""
        yield from _wrapped(paragraph)


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, _width(), break_on_hyphens=False, break_long_words=False)


def _width() -> int:
    return min(columns(WIDTH), WIDTH)


def _yaml(default: Any) -> str:
    return "none" if default is None else json.dumps(default, ensure_ascii=False).strip('"')


def _from_here(path: str) -> str:
    """Return ``path`` relative to the working directory when it is below that."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
