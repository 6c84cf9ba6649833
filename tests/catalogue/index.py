"""``scenarios/README.md``, the index of the catalogue, made from its files: ``python -m tests.catalogue.index``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mockoai.scenario import catalogue

README = Path(__file__).parents[2] / "scenarios" / "README.md"

CATEGORIES = {
    "auth": "Keys that are missing, refused or not looked at, and the many shapes of a 401.",
    "routing": "Paths, hosts and models that are not there, and what stands between the client and them.",
    "http-errors": "Statuses and error bodies in the dialects of servers, gateways and proxies.",
    "rate-limits": "429 and 503, and what they say, or do not say, about when to come back.",
    "headers": "Heads with fields that are missing, doubled, huge or at odds with each other.",
    "encoding": "Bytes that are not what the head says they are, and text that is not UTF-8.",
    "transport": "Connections that are reset, closed or left open where the answer does not end.",
    "timing": "Answers that are late, stall, dribble, or come all at once.",
    "sse": "Event streams that are framed in unusual ways, legal or not, and the ends of them.",
    "chunks": "Chunks of a stream whose fields are missing, null, of another type, or out of order.",
    "usage": "Token counts that are absent, wrong, in another place, or nobody asked for.",
    "tool-calls": "Tool calls that are split, numbered, named or spelled in ways that clients trip over.",
    "mid-stream-errors": "Errors that come when the status is 200 and the stream has begun.",
    "models": "Model lists in other shapes than OpenAI's.",
    "completions": "The older completions endpoint, where servers differ most.",
    "bodies": "Answers that are not streamed and have parts missing, null or of another type.",
}
"""What is in each category, in the order of the index."""

HEAD = """\
# The catalogue

{count} failures and quirks of servers that speak the OpenAI API, one small file each. An id goes wherever a file does:

    mockoai explain done-missing             who does it, how that is known, what a sound client does about it
    mockoai plan done-missing                the bytes and when they leave, without starting anything
    mockoai serve done-missing               a server that answers every request like this
    mockoai run 'sse/*' -- npm test          once for every scenario of a category, graded
    http://127.0.0.1:8000/scenario/done-missing/v1      the base URL for one client of any server

≈ marks those whose wire is as near as can be but not the failure itself; the file says why in `nearest`.
This page is made by `make catalogue`.
"""


def index() -> str:
    """Return the index as Markdown: a section for each category, a line for each scenario."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    found = catalogue.categories()
    yield HEAD.format(count=len(catalogue.ids()))
    yield " · ".join(f"[{category}](#{category}) {len(found[category])}" for category in CATEGORIES)
    for category, about in CATEGORIES.items():
        yield ""
        yield f"## {category}"
        yield ""
        yield about
        yield ""
        for id in found[category]:
            scenario = catalogue.get(id)
            mark = "≈ " if scenario.nearest else ""
            yield f"- [`{id}`]({category}/{id}.yaml) {mark}{_escaped(scenario.title)}"
    yield ""


def _escaped(text: str) -> str:
    """Return ``text`` so that Markdown takes no part of it for markup."""
    return "".join(f"\\{one}" if one in "\\`*_[]<>" else one for one in text)


if __name__ == "__main__":
    README.write_text(index(), encoding="utf-8")
