"""YAML text to a tree of nodes that know where they stand.

Strategy. The tree is built from the *events* of PyYAML's parser, libyaml's where it was compiled in; both
keep their own stack, so no input can overflow Python's. PyYAML's constructor is never used: it keeps the last
of two equal keys, reads ``no`` as false, ``12:30`` as 750 and ``010`` as 8, and builds what tags ask for.
Scalars follow the core schema of YAML 1.2 (§10.3.2) instead, and are resolved when somebody asks.

Aliases share their node. Every node knows how many values it stands for once aliases are written out, so a
bomb is refused at the alias that lights it, before anything is expanded, and how deep it is, so that whoever
walks the tree by recursion may.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml
from yaml import events as parsed
from yaml.error import Mark, MarkedYAMLError

from mockoai.scenario import syntax
from mockoai.scenario.diagnose import REST_OF_LINE, Mistakes, Source, quoted
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Where events come from: libyaml, or, where that was not compiled in, PyYAML's own and slower parser."""

MAX_SIZE = 1024 * 1024
"""Bytes a scenario file may have."""

MAX_DEPTH = 64
"""How deep lists and mappings may be nested."""

MAX_NODES = 50_000
"""How many values a file may hold, each alias counted as what it stands for."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # YAML 1.2 §5.1


def decode(data: bytes | str, name: str) -> Mistakes:
    """Take ``data`` as the text of a source called ``name``; return what makes it unreadable, if anything does.

    The source belongs to the mistakes that are returned, which go on collecting what is found in it. A byte order
    mark at the start is dropped (YAML 1.2 §5.2).
    """
    bad = None
    if isinstance(data, str):
        text = data.removeprefix("\ufeff")
        size = len(text) if text.isascii() or len(text) > MAX_SIZE else len(text.encode(errors="surrogatepass"))
    else:
        data = data.removeprefix(b"\xef\xbb\xbf")
        size = len(data)
        try:
            text = data[: MAX_SIZE + 1].decode()
        except UnicodeDecodeError as error:
            text, bad = data[: MAX_SIZE + 1].decode(errors="replace"), error
    if size > MAX_SIZE:
        mistakes = Mistakes(Source(name))
        mistakes.add(
            "yaml-too-large",
            None,
            f"a scenario file has at most {MAX_SIZE:,} bytes",
            help="split it into several files, one scenario each",
        )
        return mistakes
    source = Source(name, text)
    mistakes = Mistakes(source)
    if bad is not None:
        at = _at(source, len(bad.object[: bad.start].decode()))
        utf16 = bad.object[:2] in (b"\xff\xfe", b"\xfe\xff")
        mistakes.add(
            "yaml-not-utf8",
            at,
            f"byte 0x{bad.object[bad.start]:02x} is not UTF-8",
            expected="a file in UTF-8",
            help="this looks like UTF-16: save the file as UTF-8" if utf16 else "save the file as UTF-8",
        )
    elif match := _UNPRINTABLE.search(text):
        mistakes.add(
            "yaml-control-character",
            _at(source, match.start()),
            f"character U+{ord(match[0]):04X} cannot stand in YAML",
            help='write it as an escape in double quotes, such as "\\e" or "\\x00"',
        )
    return mistakes


def parse(mistakes: Mistakes) -> Node | None:
    """Build the tree of the source of ``mistakes``; add what is wrong to them.

    Returns None when there is no tree to go on with. Keys given twice are added, and the first is kept.
    """
    try:
        return _Builder(mistakes).build()
    except _UnreadableError:
        return None


class _UnreadableError(Exception):
    """There is no tree to go on with; the mistake is on record."""


@dataclass(slots=True)
class _Frame:
    """A container that is still open."""

    node: Sequence | Mapping
    flow: bool
    keys: dict[str, Scalar] = field(default_factory=dict)
    pending: Scalar | None = None  # the key that waits for its value


class _Builder:
    """The building of one tree: the open containers, and where in them we are."""

    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes
        self._open: list[_Frame] = []
        self._anchors: dict[str, Node] = {}
        self._root: Node | None = None

    def build(self) -> Node:
        """Read all events; return the root, or raise :class:`_UnreadableError`."""
        try:
            for event in yaml.parse(self._mistakes.source.text, Loader=LOADER):
                self._take(event)
        except MarkedYAMLError as error:
            syntax.explain(error, self._mistakes)
            raise _UnreadableError from None
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            self._fail("yaml-syntax", None, f"not valid YAML: {error}")
        if self._root is None or (isinstance(self._root, Scalar) and self._root.empty):
            self._fail("yaml-empty", None, "the file is empty", help="start with `id: my-scenario`")
        return self._root

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind is parsed.ScalarEvent:
            self._attach(self._scalar(event), event.anchor)
        elif kind is parsed.AliasEvent:
            self._alias(event)
        elif kind is parsed.MappingStartEvent or kind is parsed.SequenceStartEvent:
            self._start(event)
        elif kind is parsed.MappingEndEvent or kind is parsed.SequenceEndEvent:
            self._end(event.end_mark)
        elif kind is parsed.DocumentStartEvent and self._root is not None:
            self._fail(
                "yaml-documents",
                _Place(event.start_mark.line + 1, event.start_mark.column + 1, 3),
                "a second document starts here",
                expected="one scenario in a file",
                help="move it to a file of its own",
            )

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark, event.end_mark
        style = event.style or ""
        on_one_line = end.line == start.line and style not in ("|", ">")
        length = end.column - start.column if on_one_line else REST_OF_LINE
        node = Scalar(start.line + 1, start.column + 1, length, event.value, not style, style)
        self._no_tag(event, node)
        if style == '"' and not event.value.isascii() and syntax.SURROGATE.search(event.value):
            where = _Place(node.line, node.column)
            self._fail("yaml-syntax", where, syntax.SURROGATE_MESSAGE, help=syntax.SURROGATE_HELP)
        return node

    def _start(self, event: Any) -> None:
        start = event.start_mark
        kind = Mapping if type(event) is parsed.MappingStartEvent else Sequence
        node = kind(start.line + 1, start.column + 1, 1)
        self._no_tag(event, node)
        if len(self._open) >= MAX_DEPTH:
            self._too_deep(node)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._open.append(_Frame(node, event.flow_style))

    def _end(self, end: Mark) -> None:
        frame = self._open.pop()
        node = frame.node
        if not frame.flow:
            if isinstance(node, Mapping) and node.entries and node.entries[0][0].line == node.line:
                node.length = node.entries[0][0].length
        elif end.line + 1 == node.line:
            node.length = end.column + 1 - node.column
        self._attach(node)

    def _alias(self, event: Any) -> None:
        name = event.anchor
        where = _Place(event.start_mark.line + 1, event.start_mark.column + 1, len(name) + 1)
        node = self._anchors.get(name)
        if node is None:
            self._fail(
                "yaml-alias",
                where,
                f"no anchor {quoted('&' + name)} before this alias",
                help=f'to write a text that starts with `*`, quote it: `"*{name}"`',
            )
        if any(node is frame.node for frame in self._open):
            self._fail(
                "yaml-alias",
                where,
                f"{quoted('*' + name)} stands inside what it stands for",
                also=[(node, "which starts here")],
                help="write it out, without the alias",
            )
        self._attach(node, where=where)

    def _attach(self, node: Node, anchor: str | None = None, where: _Place | None = None) -> None:
        """Put ``node`` where it belongs; ``where`` is the alias that names it, if one does."""
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        frame = self._open[-1]
        parent = frame.node
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if parent.size > MAX_NODES:
            self._fail(
                "yaml-too-many",
                where or node,
                f"this makes more than {MAX_NODES:,} values" + (", once aliases are written out" if where else ""),
                help="split the file, or use fewer aliases inside one another",
            )
        if len(self._open) + node.height - 1 > MAX_DEPTH:
            self._too_deep(where or node)
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif (key := frame.pending) is None:
            frame.pending = self._key(node, where, frame.keys)
        else:
            frame.pending = None
            if isinstance(node, Scalar) and node.empty:
                # The parsers disagree on where nothing stands; for a reader it is missing from its key.
                node.line, node.column, node.length = key.line, key.column, key.length
            if frame.keys[key.text] is key:
                parent.entries.append((key, node))

    def _key(self, node: Node, where: _Place | None, seen: dict[str, Scalar]) -> Scalar:
        if not isinstance(node, Scalar):
            self._fail("yaml-key", where or node, "a key must be text", expected="`key: value`")
        if where is not None:
            node = Scalar(where.line, where.column, where.length, node.text, node.plain, node.style)
        if node.text == "<<" and node.plain:
            self._fail(
                "yaml-merge-key",
                node,
                "merge keys are not part of YAML 1.2",
                help="repeat the keys, or use an alias for a whole value: `timing: *slow`",
            )
        first = seen.setdefault(node.text, node)
        if first is not node:
            self._mistakes.add(
                "duplicate-key",
                node,
                f"{quoted(node.text)} is given twice",
                note="given again here",
                also=[(first, "first given here")],
                help="keep one of them",
            )
        return node

    def _no_tag(self, event: Any, node: Node) -> None:
        if event.tag is not None:
            length = len(event.tag) if event.tag.startswith("!") else 1
            self._fail(
                "yaml-tag",
                _Place(node.line, node.column, length),
                "tags are not allowed",
                help="a value is what it looks like; to make it text, quote it",
            )

    def _too_deep(self, where: Any) -> NoReturn:
        self._fail(
            "yaml-too-deep",
            where,
            f"nested more than {MAX_DEPTH} levels deep",
            help="close a bracket, or write the inner part as JSON text",
        )

    def _fail(self, code: str, where: Any, message: str, **more: Any) -> NoReturn:
        self._mistakes.add(code, where, message, **more)
        raise _UnreadableError


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something stands that is no node."""

    line: int
    column: int
    length: int = 1


def _at(source: Source, index: int) -> _Place:
    """Return the place of the character at ``index`` of the text."""
    lines = Source("", source.text[:index]).lines
    return _Place(len(lines), len(lines[-1]) + 1)
