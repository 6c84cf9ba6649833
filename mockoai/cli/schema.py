"""``mockoai schema``: the JSON Schema of scenario files, so that editors complete and check while typing."""

from __future__ import annotations

import json

import click

from mockoai.cli.options import Command
from mockoai.cli.terminal import out
from mockoai.errors import EXIT_OK

EPILOG = """
For editors that know the YAML language server, put this on the first line of a scenario:
  # yaml-language-server: $schema=./mockoai.schema.json
after
  mockoai schema > mockoai.schema.json
"""


@click.command("schema", cls=Command, epilog=EPILOG, short_help="Print the JSON Schema of scenario files.")
def command() -> int:
    """Print the JSON Schema (draft 2020-12) of scenario files."""
    from mockoai.scenario.schema import json_schema

    out(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
    return EXIT_OK
