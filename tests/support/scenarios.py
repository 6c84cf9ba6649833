"""Scenario texts that several tests serve."""

from __future__ import annotations

ENDLESS = """
id: endless
rules:
  - name: endless
    when: { endpoint: chat, stream: true }
    timing: { between_tokens: 1m }
    reply: { text: "one two three", tokens: ["one", " two", " three"] }
  - name: everything else
"""
"""A stream that sends its first token and then nothing for longer than any test lasts."""

TICKING = """
id: ticking
timing: { between_tokens: 5ms }
rules:
  - reply: { lorem: { tokens: 200 } }
"""
"""A stream of 200 tokens, one every 5 ms: a second in all."""

ONCE = """
id: once
rules:
  - name: first
    when: { endpoint: chat, call: 1 }
    reply: { text: "the first" }
  - name: others
    reply: { text: "another" }
"""
"""Tells the first call from all others."""

ECHO = """
id: echo
rules:
  - name: echo
    reply: { echo: true }
"""
"""Repeats what it was told."""

_X = "x" * 250_000
LARGE = f"id: large\nrules: [{{ reply: {{ text: '{_X}', tokens: ['{_X}'] }} }}]"
"""A quarter of a megabyte in one token."""
