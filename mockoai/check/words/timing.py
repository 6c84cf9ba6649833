"""What is said about failures of the category ``timing``."""

from __future__ import annotations

from mockoai.check.words import Words

WORDS: dict[str, Words] = {
    "slow-headers": Words(
        "warning",
        "openai-python waits ten minutes, openai-node five, and many proxies one.",
        "Stream, load the model beforehand, and set timeouts that fit.",
    ),
    "slow-first-token": Words(
        "warning",
        "openai-python's read timeout runs; openai-node's is over once the head has come.",
        "Long prompts take long. Send comments meanwhile, and show users that something happens.",
    ),
    "stall-mid-stream": Words(
        "error",
        "openai-python fails after its read timeout, ten minutes; openai-node and the AI SDK hang.",
        "Look at the server's load. Set a timeout between two reads in clients.",
    ),
    "stall-before-done": Words(
        "warning",
        "They show that the model is still typing.",
        "Do the accounting behind [DONE], or end at the finish reason.",
    ),
    "idle-proxy-cut-60s": Words(
        "error",
        "They see a connection that breaks, or 504.",
        "A proxy waits no longer than this: raise its limit, or send comments meanwhile.",
    ),
    "cloudflare-100s-524": Words(
        "error",
        "They try again, and every attempt waits as long.",
        "Cloudflare waits 100 s for the first byte: stream, or let the server send signs of life.",
    ),
    "hard-cap-close": Words(
        "error",
        "They see a connection that breaks, or a short answer.",
        "The server has a limit of time: ask for less.",
    ),
    "jitter": Words("info", "They do not mind.", "Nothing to do: loaded servers are uneven."),
    "burst-then-pause": Words(
        "info", "The text stutters.", "A proxy buffers, or the server guesses several tokens at a time."
    ),
    "full-buffering": Words(
        "warning",
        "They show nothing until all is there, without an error.",
        "Switch buffering and compression off for streams (`proxy_buffering off`, `X-Accel-Buffering: no`).",
    ),
    "byte-dribble": Words("info", "They read it, at a cost.", "Write whole events at a time."),
    "keepalive-comments-only": Words(
        "warning",
        "Every comment sets their read timeout back, so a hung server is never noticed.",
        "Set a limit for the whole call in clients.",
    ),
    "keepalive-newlines-nonstream": Words(
        "warning",
        "Every line sets their read timeout back, so a hung server is never noticed.",
        "Set a limit for the whole call in clients.",
    ),
    "clock-skew-created": Words("info", "Code that sorts or groups by `created` is wrong.", "Take the time yourself."),
}
