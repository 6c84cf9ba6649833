"""What all commands share: options with an environment twin, near names for misspelt ones, help as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Option(click.Option):
    """An option with a twin in the environment: ``MOCKOAI_PORT`` for ``--port``."""

    def __init__(self, declarations: Sequence[str], **settings: Any) -> None:
        long = next(one for one in declarations if one.startswith("--"))
        twin = "MOCKOAI_" + long[2:].split("/")[0].upper().replace("-", "_")
        super().__init__(declarations, **({"envvar": twin} | settings))

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help; the default and the twin are named behind it."""
        if self.hidden:
            return None
        names = ", ".join(self.opts) + (f" / {', '.join(self.secondary_opts)}" if self.secondary_opts else "")
        value = "" if self.is_flag or self.count else f" {self.metavar or 'TEXT'}"
        extra = []
        if self.show_default:
            shown = self.show_default if isinstance(self.show_default, str) else self.default
            extra.append(f"default: {shown}")
        if self.envvar:
            extra.append(f"env: {self.envvar}")
        behind = f"  [{'; '.join(extra)}]" if extra else ""
        return names + value, (self.help or "") + behind


class Command(click.Command):
    """A command that also takes ``--debug`` and says so when an option is misspelt."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", SETTINGS)
        super().__init__(*args, **settings)
        self.params.append(debug_option())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they stand."""
        if self.epilog:
            formatter.write("\n" + self.epilog.strip("\n") + "\n")


class Seconds(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A length of time such as ``1.5s``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read ``value`` as seconds; fails with what would be right."""
        from mockoai.plan.duration import EXPECTED, parse_seconds

        if isinstance(value, float):
            return value
        try:
            return parse_seconds(value)
        except ValueError:
            self.fail(f"`{value}` is no duration; write {EXPECTED}", param, ctx)


SECONDS = Seconds()


def option(*declarations: str, **settings: Any) -> Callable[[F], F]:
    """Decorate a command with an :class:`Option`."""
    return click.option(*declarations, cls=Option, **settings)


def debug_option() -> Option:
    """Return the ``--debug`` option; :func:`mockoai.cli.root.run` looks for it by itself."""
    return Option(["--debug"], is_flag=True, expose_value=False, help="Show the traceback of an internal error.")


def near(word: str, known: Iterable[str], *, limit: int = 3) -> list[str]:
    """Return those of ``known`` that ``word`` is probably a misspelling or a part of, the nearest first."""
    import difflib

    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=limit, cutoff=0.6)
    inside = [one for one in known if len(word) > 2 and word in one and one not in close]
    return [*close, *inside][:limit]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean `a` or `b`?``, or an empty text when nothing is near."""
    found = [f"`{one}`" for one in near(word, known)]
    if not found:
        return ""
    return f"did you mean {' or '.join([', '.join(found[:-1]), found[-1]] if len(found) > 1 else found)}?"
