"""What was sent is read from its bytes: every kind of answer, for faults of the catalogue and for literal bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.scenario import catalogue
from mockoai.scenario.model import LiteralWire, Rule, Scenario
from mockoai.verdict.reading import Reading, read
from tests.support.judging import QUESTION, Story

TEXT = "The harbour is behind the church."

# What a stream of each scenario gives, and what a body does; a dash where the scenario is about the other form.
KINDS = """
auth-invalid-key                 status      status
bad-chunk-size                   cut         cut
bom-before-body                  answer      answer
br-claimed-plain                 unreadable  unreadable
choices-null-nonstream           -           empty
close-delimited-ok               answer      answer
close-delimited-truncated        cut         cut
content-length-and-chunked       answer      answer
content-length-too-long          answer      answer
content-length-too-short         cut         cut
content-parts-array              answer      answer
done-first                       empty       -
done-lowercase                   answer      -
done-missing                     answer      -
done-missing-and-finish-missing  cut         -
done-no-prefix                   answer      -
done-only                        empty       -
done-twice                       answer      -
empty-200-stream                 empty       -
err-bare-string                  failed      -
err-becomes-empty-chunk          cut         -
err-data-then-done               failed      -
err-error-field-prefix           failed      -
err-event-flat                   failed      -
err-fastapi-detail               failed      -
err-fastchat                     failed      -
err-html-mid-stream              failed      -
err-inside-choice                failed      -
err-plain-text                   failed      -
err-plain-text-in-data           unreadable  -
err-raw-json-no-prefix           failed      -
error-after-done                 answer      -
error-after-headers-nonstream    cut         cut
error-html-body                  status      status
fin-after-done-no-terminator     answer      -
fin-before-headers               nothing     nothing
fin-mid-chunked                  cut         cut
fin-mid-headers                  nothing     nothing
finish-error                     failed      failed
finish-missing                   answer      -
gzip-claimed-not-gzipped         unreadable  unreadable
gzip-sse-valid                   answer      answer
gzip-truncated                   cut         cut
html-200                         unreadable  unreadable
http-200-error-json              failed      failed
json-for-stream-request          unreadable  -
message-null                     -           empty
nan-literal                      -           answer
ndjson-for-stream                unreadable  -
raw-control-char                 unreadable  unreadable
rst-mid-stream                   cut         cut
sse-comment-ping                 answer      -
sse-cr-only                      answer      -
sse-double-data-prefix           unreadable  -
sse-empty-data                   answer      -
sse-for-nonstream-request        -           unreadable
sse-id-then-blank                answer      -
sse-last-event-unterminated      answer      -
sse-missing-blank-line           unreadable  -
sse-missing-data-prefix          unreadable  -
sse-raw-newlines-in-data         unreadable  -
sse-retry-only-event             answer      -
sse-truncated-json-event         unreadable  -
sse-two-spaces                   answer      -
status-408                       status      status
stall-mid-stream                 answer      answer
text-instead-of-delta            unreadable  -
unknown-route-200-error          failed      failed
utf8-invalid-bytes               answer      answer
"""
TABLE = [
    (id, form == "stream", kind)
    for id, streamed, bodied in (line.split() for line in KINDS.strip().splitlines())
    for form, kind in (("stream", streamed), ("body", bodied))
    if kind != "-"
]


def shipped(id: str, *, stream: bool = True) -> Reading:
    return read(Story(scenario=catalogue.get(id)).ask(stream=stream))


def literal(*steps: bytes, stream: bool = True, end: str = "fin") -> Reading:
    wire = LiteralWire(steps, end)  # type: ignore[arg-type]
    return read(Story(scenario=Scenario(id="literal", rules=(Rule(wire=wire),))).ask(stream=stream))


@pytest.mark.parametrize(("id", "stream", "kind"), TABLE, ids=[f"{id}-{'s' if s else 'b'}" for id, s, _ in TABLE])
def test_kinds(id: str, stream: bool, kind: str) -> None:
    assert shipped(id, stream=stream).kind == kind


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions"])
def test_a_healthy_answer_is_whole_and_nothing_about_it_is_odd(path: str, stream: bool) -> None:
    story = Story(f"id: s\nrules: [{{ reply: {{ text: {TEXT} }} }}]")
    body = {"model": "gpt-4o", "stream": stream, "prompt": "x", "messages": [{"role": "user", "content": "x"}]}
    if path.endswith("chat/completions"):
        del body["prompt"]
    else:
        del body["messages"]
    reading = read(story.ask(path=path, body=body))
    assert (reading.kind, reading.text, reading.salvage) == ("answer", TEXT, TEXT)
    assert (reading.said, reading.finished, reading.odd, reading.optional) == (True, True, (), "")


@pytest.mark.parametrize(
    "reply",
    [
        "tool_calls: [{ name: get_weather, arguments: { city: Paris } }]",
        "refusal: I will not.",
        "json: { a: 1 }",
        "{ text: short, choices: 3 }",
        "{ text: short, reasoning: hm }",
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_healthy_answers_of_every_sort_are_whole(reply: str, stream: bool) -> None:
    text = reply if reply.startswith("{") else f"{{ {reply} }}"
    reading = read(Story(f"id: s\nrules: [{{ reply: {text} }}]").ask(stream=stream))
    assert (reading.kind, reading.optional) == ("answer", "")


def test_a_list_of_models_and_embeddings_are_answers() -> None:
    story = Story()
    assert read(story.ask(method="GET", path="/v1/models")).kind == "answer"
    body = {"model": "text-embedding-3-small", "input": "x"}
    assert read(story.ask(path="/v1/embeddings", body=body)).kind == "answer"


@pytest.mark.parametrize(
    ("id", "why"),
    [
        ("content-length-too-long", "end"),
        ("content-length-and-chunked", "both"),
        ("lf-only-header-lines", "LF"),
        ("header-overflow-64k", "head"),
        ("finish-missing", "finish reason"),
        ("error-after-done", "error"),
        ("utf8-invalid-bytes", "UTF-8"),
        ("sse-last-event-unterminated", "blank line"),
    ],
)
def test_why_a_sound_client_may_refuse_an_answer(id: str, why: str) -> None:
    assert why in shipped(id).optional


@pytest.mark.parametrize(
    "id", ["sse-retry-only-event", "sse-id-only-event", "sse-empty-data", "sse-crlf", "role-missing"]
)
def test_what_the_standards_allow_is_not_odd(id: str) -> None:
    reading = shipped(id)
    assert (reading.odd, reading.optional) == ((), "")


@pytest.mark.parametrize("id", ["done-missing", "done-twice", "delta-null", "choices-null", "id-empty", "role-unknown"])
def test_what_they_do_not_allow_is_odd_and_nothing_to_refuse(id: str) -> None:
    reading = shipped(id)
    assert reading.odd
    assert not reading.optional


@pytest.mark.parametrize("id", ["sse-missing-data-prefix", "sse-double-data-prefix", "json-for-stream-request"])
def test_what_a_lenient_reader_finds_in_what_cannot_be_read(id: str) -> None:
    reading = shipped(id)
    assert not reading.text
    assert reading.salvage == shipped("sse-crlf").text


def test_the_text_of_a_cut_answer_is_the_part_that_was_sent() -> None:
    reading = shipped("fin-mid-chunked")
    assert reading.text
    assert shipped("sse-crlf").text.startswith(reading.text)
    assert reading.said


@pytest.mark.parametrize(
    ("leave", "kind"), [(0.1, "left"), (0.27, "left"), (5.0, "answer")], ids=["before", "within", "after"]
)
def test_a_client_that_leaves_has_left_unless_it_had_all(leave: float, kind: str) -> None:
    story = Story(
        "id: s\ntiming: { headers: 200ms, between_tokens: 50ms }\nrules: [{ reply: { text: One two three } }]"
    )
    assert read(story.ask(leave=leave)).kind == kind


def test_a_client_that_left_after_an_error_or_the_finish_had_it() -> None:
    slow = "id: s\ntiming: { between_tokens: 50ms, before_done: 5s }\nrules: [{ %s }]"
    assert read(Story(slow % "reply: { text: One two }").ask(leave=1.0)).kind == "answer"
    cut = "reply: { text: One two three four }, faults: [{ err-data-no-done: { after: 1 token } }]"
    assert read(Story(slow % cut).ask(leave=1.0)).kind == "failed"


def test_what_is_under_way_is_open() -> None:
    story = Story("id: s\ntiming: { between_tokens: 50ms }\nrules: [{ reply: { text: One two three } }]")
    assert read(story.ask(leave=0.06, under_way=True)).kind == "open"


def test_a_redirect_is_neither_an_answer_nor_none() -> None:
    reading = shipped("redirect-307-trailing-slash")
    assert reading.kind == "answer"
    assert reading.optional


def test_literal_bytes_are_read_like_any_others() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    chunk = b'data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[%s]}\n\n'
    said = chunk % b'{"index":0,"delta":{"content":"Hi"},"finish_reason":null}'
    over = chunk % b'{"index":0,"delta":{},"finish_reason":"stop"}'
    assert literal(head, said, over, b"data: [DONE]\n\n").kind == "answer"
    assert literal(head, said, b"data: [DONE]\n\n").optional == "it has no finish reason"
    assert literal(head, said).kind == "cut"
    assert literal(head, said, over, end="rst").kind == "answer"
    assert literal(b"nonsense\r\n\r\n").kind == "nothing"


def test_documents_without_choices_are_read_too() -> None:
    def models(*steps: bytes) -> Reading:
        wire = LiteralWire((b"HTTP/1.1 200 OK\r\n", *steps), "fin")
        return read(
            Story(scenario=Scenario(id="literal", rules=(Rule(wire=wire),))).ask(method="GET", path="/v1/models")
        )

    assert models(b"\r\n", b'{"object":"list","data":[]}').kind == "answer"
    assert models(b"\r\n", b"[]").odd
    assert models(b"\r\n", b'{"error":"x"}').kind == "failed"
    assert models(b"\r\n", b"<html>").kind == "unreadable"
    assert models(b"Content-Length: 99\r\n\r\n", b'{"object":"li').kind == "cut"
    assert models(b"Content-Encoding: br\r\n\r\n", b"{}").kind == "unreadable"


@pytest.mark.parametrize(
    "late", [b'data: {"error":{"message":"no bill"}}\n\n', b"event: error\ndata: {}\n\n", b"data: {oops\n\n"]
)
def test_what_goes_wrong_behind_the_finish_reason_takes_nothing_from_the_answer(late: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    chunk = b'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":%s}]}\n\n'
    whole = literal(head, chunk % b'"stop"', late, b"data: [DONE]\n\n")
    assert (whole.kind, whole.text, whole.done) == ("answer", "Hi", True)
    assert whole.optional == "an error follows its end"
    assert literal(head, chunk % b"null", late, b"data: [DONE]\n\n").kind in ("failed", "unreadable")


def test_an_error_behind_one_of_two_choices_that_were_asked_for_does() -> None:
    wire = LiteralWire(
        (
            b"HTTP/1.1 200 OK\r\n\r\n",
            b'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n',
            b'data: {"error":{"message":"gone"}}\n\n',
        ),
        "fin",
    )
    story = Story(scenario=Scenario(id="literal", rules=(Rule(wire=wire),)))
    for number, kind in ((1, "answer"), (2, "failed")):
        assert read(story.ask(body={**QUESTION, "stream": True, "n": number})).kind == kind
    many = {"model": "gpt-3.5-turbo-instruct", "prompt": ["a", "b"], "stream": True}
    assert read(story.ask(path="/v1/completions", body=many)).kind == "failed"


def test_of_several_choices_all_must_have_ended() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    chunk = b'data: {"choices":[{"index":%d,"delta":{"content":"x"},"finish_reason":%s}]}\n\n'
    sent = head + chunk % (0, b"null") + chunk % (1, b"null") + chunk % (0, b'"stop"')
    assert literal(sent).kind == "cut"
    assert literal(sent + chunk % (1, b'"stop"')).kind == "answer"


@given(st.binary(max_size=300), st.booleans(), st.sampled_from(["clean", "fin", "rst", "hang"]))
def test_no_bytes_raise(data: bytes, stream: bool, end: str) -> None:
    literal(data, stream=stream, end=end)
    literal(b"HTTP/1.1 200 OK\r\n\r\n" + data, stream=stream, end=end)
    literal(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\ndata: " + data, stream=stream, end=end)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "message",
                    "content",
                    "finish_reason",
                    "index",
                    "error",
                    "usage",
                    "tool_calls",
                    "function",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=4), st.booleans())
def test_no_payload_raises(payloads: list[object], stream: bool) -> None:
    import orjson

    events = b"".join(b"data: %s\n\n" % orjson.dumps(one) for one in payloads)
    literal(b"HTTP/1.1 200 OK\r\n\r\n" + (events if stream else events[6:].split(b"\n")[0]), stream=stream)
