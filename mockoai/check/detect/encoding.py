"""Detectors of the category ``encoding``: codings that lie, and bytes that are not what they should be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mockoai.check.detect.look import body, field, marked_everywhere
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.jsontext import NOT_JSON

_SEPARATORS = re.compile("[\u2028\u2029\u0085\u000b\u000c]")
_HALF = re.compile("[\ud800-\udfff]")


@detects("gzip-sse-valid", "gzip-claimed-not-gzipped", "br-claimed-plain", "gzip-truncated")
def coding(case: Case) -> Iterator[Seen]:
    """What ``Content-Encoding`` says, and what it is."""
    for one in case.answers:
        content = one.content
        line = field(one, "content-encoding")
        if not content.coding or not one.message.body:
            continue
        if content.lie == "plain":
            id = "br-claimed-plain" if content.coding == "br" else "gzip-claimed-not-gzipped"
            text = f"`Content-Encoding: {content.coding}`, and the body is not"
            yield Seen(id, one, text, line + one.message.body[:80])
        elif content.lie == "truncated" and one.message.whole:
            text = f"the {content.coding} stream stops, though the HTTP message is whole"
            yield Seen("gzip-truncated", one, text, content.data[-120:])
        elif not content.lie and one.streamed:
            yield Seen("gzip-sse-valid", one, f"the stream is packed with {content.coding}", line)


@detects("utf8-invalid-bytes", "utf8-truncated-sequence")
def not_utf8(case: Case) -> Iterator[Seen]:
    """Bytes that are not UTF-8."""
    for one in case.answers:
        if one.content.lie or not _is_text(one):
            continue
        data = one.content.data
        try:
            data.decode()
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data" and not one.uncut:
                continue
            id = "utf8-invalid-bytes" if error.reason == "invalid start byte" else "utf8-truncated-sequence"
            text = f"byte {error.start} of the body: {error.reason}"
            yield Seen(id, one, text, data[max(0, error.start - 40) : error.start + 40])


def _is_text(one: Exchange) -> bool:
    return one.form != "empty" and (one.streamed or one.json.value is not NOT_JSON or one.form == "json")


@detects("utf8-split-across-packets")
def split(case: Case) -> Iterator[Seen]:
    """A character in two pieces of the network's."""
    for one in case.answers:
        data = one.message.body
        if data.isascii() or one.content.coding:
            continue
        cuts = [*(end for end, _ in one.message.arrivals), *one.message.chunks]
        for cut in sorted(set(cuts)):
            # A byte 10xxxxxx goes on with a character.
            if 0 < cut < len(data) and data[cut] & 0xC0 == 0x80:
                text = f"a character is cut behind byte {cut} of the body"
                yield Seen("utf8-split-across-packets", one, text, data[max(0, cut - 20) : cut + 20])
                break


@detects("replacement-characters", "u2028-in-content", "lone-surrogate-escapes")
def characters(case: Case) -> Iterator[Seen]:
    """Characters that were lost, or that readers of lines trip over."""
    for one in case.generated:
        for text, data in _texts(one):
            if "\ufffd" in text and "utf8" not in one.json.wrong and _is_utf8(data):
                yield Seen("replacement-characters", one, "U+FFFD in the text", data)
            if found := _SEPARATORS.search(text):
                yield Seen("u2028-in-content", one, f"U+{ord(found[0]):04X} in the text", data)
            if _HALF.search(text):
                yield Seen("lone-surrogate-escapes", one, "half of a surrogate pair by itself", data)


def _texts(one: Exchange) -> Iterable[tuple[str, bytes]]:
    for choice in one.answer.choices:
        block = choice.chunk.block
        yield choice.text, block.raw if block else body(one)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start > len(data) - 4
    return True


@detects("raw-control-char", "nan-literal")
def not_json(case: Case) -> Iterator[Seen]:
    """JSON that is none, though some read it."""
    for one in case.answers:
        texts = [(one.json, body(one))] if one.form == "json" else []
        if one.form in ("events", "lines"):
            chunks = one.answer.chunks
            texts = [(chunk.text, chunk.block.raw if chunk.block else b"") for chunk in chunks]
        for text, data in texts:
            if "control" in text.wrong:
                found = re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", data) or re.search(rb"[\n\t\r]", data)
                name = f"0x{found[0][0]:02x}" if found else "one"
                yield Seen("raw-control-char", one, f"a control character ({name}) in a JSON string", data)
            if "nan" in text.wrong:
                place = re.search(rb"\"[^\"]+\"\s*:\s*-?(?:NaN|Infinity)", data)
                yield Seen("nan-literal", one, "a number that JSON does not have", place[0] if place else data)


@detects("bom-before-body")
def bom(case: Case) -> Iterator[Seen]:
    """A byte order mark first, whatever comes."""
    if marked_everywhere(case):
        for one in case.answers:
            if one.content.bom:
                yield Seen("bom-before-body", one, "EF BB BF before the first byte", one.content.data[:60])


@detects("leading-blank-lines-json")
def blank_lines(case: Case) -> Iterator[Seen]:
    """Blank lines before the JSON."""
    for one in case.answers:
        if one.form == "json" and "blank-lines" in one.json.wrong:
            count = len(one.content.data) - len(one.content.data.lstrip(b"\r\n"))
            yield Seen("leading-blank-lines-json", one, f"{count} line ends before the JSON", one.content.data[:60])


@detects("json-content-type-missing")
def content_type(case: Case) -> Iterator[Seen]:
    """A JSON body that is not called JSON."""
    for one in case.answers:
        kind = one.message.content_type
        is_json = one.form == "json" and one.json.value is not NOT_JSON and not one.ask.stream
        if one.status == 200 and is_json and "json" not in kind:
            text = f"the content type is `{kind}`" if kind else "there is no content type"
            yield Seen("json-content-type-missing", one, text, field(one, "content-type") or body(one)[:60])


@detects("html-200")
def page(case: Case) -> Iterator[Seen]:
    """A web page where an API should be."""
    for one in case.answers:
        if one.status == 200 and one.form == "html" and one.ordinary and one.ask.kind != "models":
            title = re.search(rb"<title[^>]*>([^<]*)", one.content.data, re.I)
            named = f", titled `{title[1].decode('utf-8', 'replace').strip()[:60]}`" if title else ""
            yield Seen("html-200", one, f"200 with a web page{named}", body(one))
