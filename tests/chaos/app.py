"""An application around a client, as ``mockoai run`` starts it: asks once, prints the answer, and fails as it should.

    python app.py CASES DRIVER...

``CASES`` is a JSON file with what to ask for in every scenario, by its id; which one is served follows from the base
URL. ``DRIVER...`` is the command of a driver of the client matrix, so that the very code that was graded there is run
here. Exit code 1 and the error on stderr when the client or the application's loop raised, 0 otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


def main(cases: str, *driver: str) -> int:
    """Ask for what the scenario has a failure for; returns the exit code."""
    url = os.environ["OPENAI_BASE_URL"]
    scenario = url.split("/session/")[1].split("/")[0]
    job = json.loads(Path(cases).read_text())[scenario] | {"url": url, "key": os.environ["OPENAI_API_KEY"]}
    with subprocess.Popen(driver, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()  # that it is ready
        process.stdin.write(f"{json.dumps(job)}\n")
        process.stdin.flush()
        result: dict[str, Any] = json.loads(process.stdout.readline())
        process.stdin.close()  # which ends it
    for error in (result["loop"], result["sdk"], *result["noticed"]):
        if error:
            print(f"{error['class']}: {error['message']}", file=sys.stderr)
            return 1
    if result["hung"]:
        threading.Event().wait()  # as the client did; it is for the run to end it
    answer = result["answer"]
    print(answer.get("text") or "", end="")
    for call in answer.get("tool_calls") or []:
        print(f"{call['name']}({call['arguments']})", end="")
    for model in answer.get("models") or []:
        print(model)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
