"""A small application: it summarises a report, and shows the summary while it comes in.

It has a bug that most programs like it have. It takes the end of the stream for the end of the answer.
"""

import os
from collections.abc import Callable

import openai


class IncompleteError(Exception):
    """The summary stopped before it was finished."""


def summarise(report: str, show: Callable[[str], object] = print) -> str:
    client = openai.OpenAI(timeout=2, max_retries=2)
    summary = ""
    with client:
        stream = client.chat.completions.create(
            model=os.environ.get("SUMMARISE_MODEL", "gpt-4o"),
            messages=[
                {"role": "system", "content": "Summarise the report in two sentences."},
                {"role": "user", "content": report},
            ],
            stream=True,
        )
        for chunk in stream:
            for choice in chunk.choices:
                summary += choice.delta.content or ""
                show(choice.delta.content or "")
    return summary
