"""Every code a scenario file can be refused with, and what ``mockoai explain CODE`` says about it.

A text starts with a sentence that says what is wrong in general. Indented lines are examples.
"""

from __future__ import annotations

from inspect import cleandoc


def _help(text: str) -> str:
    return cleandoc(text) + "\n"


HELP: dict[str, str] = {
    # --- the file ---------------------------------------------------------------------------------------
    "file-missing": _help("""
        There is no file of that name.

        A name is taken for a file when it ends in `.yaml` or `.yml`, holds a path separator, or when
        a file of that name exists. Anything else is the id of a shipped scenario: `mockoai list
        scenarios` shows them.
    """),
    "file-directory": _help("""
        A folder was named where a scenario file is needed.

        Name the files in it; the shell expands `scenarios/mine/*.yaml`. To read a whole category of
        the shipped scenarios, name their ids.
    """),
    "file-unreadable": _help("""
        The file is there and cannot be read; the message gives the reason of the operating system.

        Most often its permissions keep you from it. In a container, see whether it is mounted.
    """),
    "unknown-scenario": _help("""
        No shipped scenario has that id.

        `mockoai list scenarios` shows all ids. To mean a file of your own, give its path, or a name
        that ends in `.yaml`.
    """),
    "duplicate-scenario": _help("""
        Two scenarios have the same `id`.

        The id is how a scenario is addressed: in the header `x-mockoai-scenario`, in the URL, in the
        model name. So of the scenarios given together, no two may share one. Change the `id` of one
        of them.
    """),
    "catalogue-mismatch": _help("""
        A shipped scenario does not say what its place says.

        It is found by its file name without parsing it, so its `id` must be the name of the file, and
        its `category`, when given, the name of the folder.
    """),
    # --- the YAML ---------------------------------------------------------------------------------------
    "yaml-syntax": _help("""
        The text is not YAML.

        The caret stands where reading had to stop; the cause is often a line earlier. The usual ones:

            title: Timeout: the model hangs         # quote a text that holds `: `
            title: "Timeout: the model hangs"

            when: { model: * }                      # quote a text that starts with * & ! | > % @ `
            when: { model: "*" }

            reply: 'it's late'                      # in single quotes, write a quote twice: 'it''s late'
            reply: "it's late"
    """),
    "yaml-tab": _help("""
        A line is indented with a tab.

        YAML allows spaces only (YAML 1.2 §6.1), because how wide a tab is depends on who looks.
    """),
    "yaml-empty": _help("""
        The file holds nothing, or only comments.

        The smallest scenario is one line, and is a healthy server:

            id: healthy
    """),
    "yaml-documents": _help("""
        The file holds more than one YAML document.

        A line of `---` starts another. One file is one scenario: put the others into files of their
        own, and name all of them on the command line.
    """),
    "yaml-not-utf8": _help("""
        The file is not UTF-8.

        Save it as UTF-8 in your editor. Files from Windows tools are often UTF-16. To send bytes that
        are no UTF-8, write them as escapes:

            wire:
              - bytes: "\\xff\\xfe"
    """),
    "yaml-control-character": _help("""
        The file holds a character that must not stand in YAML as it is (YAML 1.2 §5.1).

        Control characters other than tab and line breaks are written as escapes in double quotes:
        "\\0", "\\e", "\\x1b".
    """),
    "yaml-too-large": _help("""
        The file is larger than 1 MiB.

        A scenario is small; what makes it large is content. Long answers can be made instead of
        written:

            reply: { lorem: { tokens: 50000 } }
    """),
    "yaml-too-deep": _help("""
        Lists and mappings are nested more than 64 levels deep.

        Most often a bracket was not closed. Deeper JSON can be sent as a text.
    """),
    "yaml-too-many": _help("""
        The file holds more than 50,000 values.

        An alias counts as everything it stands for, so a few lines of aliases inside aliases can be
        billions of values. Write the values out, or make long content with `lorem`.
    """),
    "yaml-alias": _help("""
        An alias stands for nothing, or for something that it is a part of.

        `*name` repeats the value that was marked `&name` before it:

            timing: &slow { between_tokens: 200ms }
            rules:
              - timing: *slow

        To write a text that starts with `*`, such as a glob, quote it: `model: "*-mini"`.
    """),
    "yaml-merge-key": _help("""
        `<<` is not a key of YAML 1.2.

        Some YAML 1.1 parsers merge mappings with it, and others do not. Repeat the keys, or use an
        alias for the whole value.
    """),
    "yaml-tag": _help("""
        A value has a tag, such as `!!str` or `!env`.

        Values are what they look like. To make a number a text, quote it. To write a text that starts
        with `!`, quote it too.
    """),
    "yaml-key": _help("""
        A key is a list or a mapping.

        Keys are texts. A `?` or a `{` at the start of a line makes a key of what follows; quote it if
        it was meant as text.
    """),
    "duplicate-key": _help("""
        A mapping has the same key twice.

        Many parsers keep the last one and say nothing. Keep one; what should both be there goes into
        a list:

            faults:
              - sse-crlf
              - done-missing

        Header names are the same whatever their case.
    """),
    # --- keys and values --------------------------------------------------------------------------------
    "unknown-key": _help("""
        A key has no meaning where it stands.

        It is misspelt, or belongs one level further in or out. `mockoai schema` prints the JSON
        Schema, with which editors complete keys and mark wrong ones while you type.
    """),
    "missing-key": _help("""
        A key that must be there is not.

        Most keys may be left out. Among those that may not: the `id` of a scenario, the `id`
        of a model, and the parameters of a fault that has no sensible default for them.
    """),
    "exclusive-keys": _help("""
        Two keys exclude each other.

        An answer is one thing: a `text`, or `lorem`, `echo`, `json`, a `refusal` or an `error`. A
        rule answers with a `reply`, or with literal `events`, or with literal `wire` bytes. Keep one
        of them, or make two rules.
    """),
    "empty-value": _help("""
        Something is there and has nothing in it.

        A key with nothing behind it is null in YAML, which is seldom meant; what belongs to it must
        be indented further than the key:

            when:
              stream: true

        The empty text is `""`. A fault without parameters is written without a colon: `-
        done-missing`.
    """),
    "wrong-type": _help("""
        A value is of another kind than what belongs here.

        Values are read by the core schema of YAML 1.2: `true` and `false` are truth values, and
        `yes`, `no`, `on` and `off` are texts; `12:30` is a text; `010` is ten. A number that is meant
        as text is quoted: `"42"`.
    """),
    "unknown-value": _help("""
        A word is not one of those allowed here.

        The message lists them.
    """),
    "out-of-range": _help("""
        A number is too small or too large.

        The message says what is allowed. A `chance` is from 0 to 1, so 50 % is `0.5`.
    """),
    "bad-number": _help("""
        A number cannot be held: it is infinite, not a number, or a whole number of more than 64 bits.

        JSON has no infinity (RFC 8259 §6), and many clients cannot read larger whole numbers. Quote
        it to send it as text, or write the bytes with `wire:`.
    """),
    "bad-entry": _help("""
        One entry of a list says several things, or none.

        Faults, expectations and steps of `wire` come one to an entry, each with its own `- `. The
        parameters of a fault are indented further than its id:

            faults:
              - fin-mid-chunked:
                  after: 3 tokens
    """),
    "bad-id": _help("""
        A text cannot be the `id` of a scenario.

        An id stands in URLs (`/scenario/ID/v1`), in headers and in model names (`mockoai/ID`). So it
        is made of letters, digits, `-`, `_` and `.`, starts with a letter or digit, and has at most
        100 of them. `title` takes any text.
    """),
    "unknown-backend": _help("""
        No backend has that name.

        A backend is the server being imitated: `openai`, `vllm`, `ollama` and others. `mockoai list
        backends` shows all of them.
    """),
    # --- the words of the language ----------------------------------------------------------------------
    "bad-duration": _help("""
        A value does not say how long.

        A duration is a number with a unit: `300ms`, `1.5s`, `2m`. A number alone is refused, because
        half of the world means seconds by it and the other half milliseconds. The longest is a day.
    """),
    "bad-distribution": _help("""
        A distribution of durations is not complete, or not possible.

            between_tokens: { normal: [20ms, 5ms] }                     # mean, standard deviation
            between_tokens: { uniform: [10ms, 30ms] }                   # from, to
            between_tokens: { lognormal: { median: 20ms, p99: 90ms } }

        What would be negative when drawn is 0.
    """),
    "bad-place": _help("""
        A value does not say where in the answer.

        A place is a count, `3 tokens`, `4 events` or `120 bytes`; a moment, `1.5s`; a part, `50%`; or
        one of the marks `headers`, `role`, `finish`, `usage`, `done` and `end`.
    """),
    "impossible-place": _help("""
        A place that no answer has.

        Nothing stands past 100 %, and counting starts at one, so there is nothing at token 0 (`after:
        0 tokens` is before the first). A fault that changes the reply acts before there are events or
        bytes to count.
    """),
    "bad-range": _help("""
        A value does not say which calls.

        `2` is the second call, `2..3` the second and third, `2..` all from the second on, `..3` the
        first three.
    """),
    "bad-regex": _help("""
        A regular expression does not compile.

        Patterns are matched in linear time, so that none can hang the server. What cannot be matched
        so is refused: look-ahead, look-behind and back references. The end of the text is `\\z`, not
        `\\Z`. Patterns have at most 1,000 characters. In double quotes a backslash is written twice;
        in single quotes it means itself:

            message: { regex: '\\bweather\\b' }
    """),
    "bad-path": _help("""
        A key under `body:` is not a path into the request.

        A path is made of fields and indices; negative indices count from the end, and `[*]` is every
        index, of which one must pass all the tests:

            body:
              temperature: { gt: 1 }
              "messages[-1].role": user
              "tools[*].function.name": get_weather       # any tool of that name
              'metadata."my key"': x
    """),
    "bad-header": _help("""
        A header could not be sent, or matched, as it is written.

        A name is letters, digits and a few signs, without blanks or a colon (RFC 9110 §5.1). A value
        is on one line. To send broken headers, use a fault of the header family, or `wire:`.
    """),
    "bad-tokens": _help("""
        `tokens` and `text` do not say the same.

        `tokens` says how `text` is cut, so joined together they must be equal, blanks included.
        `text` may be left out:

            reply: { tokens: ["It", " is", " 21", " degrees."] }
    """),
    "bad-event": _help("""
        A field of a literal event holds a line break.

        In an event stream a line break ends the field, so `event`, `id` and comments have one line.
        `data` may have several; each becomes a `data:` line. To break the framing on purpose, write
        the bytes with `wire:`.
    """),
    "bad-bytes": _help("""
        A text cannot be turned into bytes.

        Escapes work in double quotes only. Three ways to write bytes:

            wire:
              - "HTTP/1.1 200 OK\\r\\n"         # text, sent as UTF-8
              - bytes: "\\x00\\xff"             # one byte for each character
              - base64: "AP8="
    """),
    "wire-end": _help("""
        Something stands behind the `end` of `wire`.

        `end` says what happens to the connection after the last byte, so it comes last and once:
        `clean` leaves it as announced, `fin` closes it, `rst` resets it, `hang` leaves it open and
        silent. Without one the end is `clean`.
    """),
    "unknown-expectation": _help("""
        No expectation has that name.

            expect:
              - calls: 2..4             # how many calls the client made
              - client: notices         # or recovers, or gives-up
              - exit: 0                 # status of the command, or `nonzero`
              - stdout: { contains: 21 degrees }
              - stderr: { regex: '(?i)truncated' }
              - within: 30s             # from the first call to the last answer
              - no-retry

        Each is an entry of its own.
    """),
    # --- rules and faults -------------------------------------------------------------------------------
    "unknown-fault": _help("""
        No fault has that id.

        `mockoai list faults` shows all of them, `mockoai explain ID` what one does and which
        parameters it has.
    """),
    "bad-parameter": _help("""
        The parameters of a fault do not go together.

        The message says why. `mockoai explain ID` tells what each of them is for.
    """),
    "fault-conflict": _help("""
        Two faults of a rule cannot both happen.

        A connection ends one way, a body has one encoding, an answer is one error. Keep one of them,
        or write two rules that answer different calls:

            rules:
              - when: { call: 1 }
                faults: [fin-mid-chunked]
              - faults: [rst-mid-stream]
    """),
    "fault-never-fires": _help("""
        A fault can never act on what its rule answers.

        A fault that was asked for and did not fire fails the run, so one that cannot is refused at
        once. Faults that need a stream cannot act where `stream` is false, nor on embeddings and
        model lists. Where `events:` or `wire:` write the answer, faults of the layers above them see
        nothing.
    """),
    "unreachable-rule": _help("""
        A rule is never reached, because one before it answers every request that it would.

        The first rule that matches wins. A rule without `when` matches everything, so it comes last.
    """),
}
"""Help for each code, as text that ends in a line feed."""


def explain(code: str) -> str | None:
    """Return the help for ``code``, or None when there is no such code."""
    return HELP.get(code)
