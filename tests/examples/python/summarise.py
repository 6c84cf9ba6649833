"""A small application: it summarises a report, and shows the summary while it comes in.

It has a bug that most programs like it have: it takes the end of the stream for the end of the answer.
"""

from collections.abc import Callable

import openai


def summarise(report: str, show: Callable[[str], object] = print) -> str:
    summary = ""
    with openai.OpenAI(timeout=1, max_retries=2) as client:
        stream = client.chat.completions.create(
            model="gpt-4o",
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
