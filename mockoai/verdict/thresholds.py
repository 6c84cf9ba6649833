"""The figures that findings rest on, each with its reason. Durations in seconds."""

RETRYABLE = frozenset({408, 409, 425, 429})
"""Statuses below 500 that invite a retry: RFC 9110 §15.5.9 (408), RFC 8470 §5.2 (425), RFC 6585 §4 (429); OpenAI
answers 409 when a lock could not be had in time, and its SDKs retry that."""

PERMANENT = frozenset({501, 505})
"""Statuses from 500 on that say "never" (RFC 9110 §15.6.2, §15.6.6). The common SDKs retry all from 500 on."""

FINAL_CODES = frozenset({"insufficient_quota"})
"""Codes of a 429 that no waiting helps against: the account is out of money, not out of tokens a minute."""

EARLY = 0.95
"""The part of a Retry-After that must have passed: timers are not exact, and clients measure from elsewhere."""

DATE_GRAIN = 1.0
"""What a Retry-After date may be off: it has whole seconds (RFC 9110 §5.6.7)."""

LONG_WAIT = 60.0
"""The longest Retry-After that all clients with a cap of their own obey; some do what they like above it."""

ABSURD_WAIT = 120.0
"""A Retry-After from which on giving up, or waiting less, is sound."""

CAPPED_WAIT = 20.0
"""How long a client must wait at the least for an absurd Retry-After, if it tries again at all."""

BACKOFF = 0.1
"""The least time between two attempts without a Retry-After. The SDKs begin at 0.375 s and more."""

STORM = 10
"""The most attempts of one call that are still persistence."""

PARALLEL = 3
"""The fewest callers whose retries are compared for jitter."""

JITTER = 0.02
"""How near to each other, as a part of the longest, retries of parallel callers are without any jitter.

openai-python draws from a quarter of the wait; three of its callers are this near by chance in 1 of 70 cases.
"""

JITTER_EVIDENCE = 4
"""How many coincidences it takes: two rounds of three callers, or one of five. By chance that is 1 case in 5,000."""

ROUNDS = 2
"""How many times a counter of retries must begin anew within a call for two layers to be at work."""

STALL = 120.0
"""A silence that no client may sit out for want of a timeout. Shorter ones prove nothing: to wait is patience."""

ENDLESS = 120.0
"""How long comments alone may keep a client waiting before it is held to have no limit for the answer."""

CLOSE_GRACE = 1.0
"""How long after a cancelled or failed call its connection may still be open: a client may read on for a moment."""

CLOCK_GRAIN = 0.05
"""How much earlier than the end of an answer, as the server wrote it down, the next request may have come."""

MOMENT_GRAIN = 0.002
"""What the moments of a caller may differ by from the server's, on one machine: many count whole milliseconds."""

ENOUGH_TEXT = 4
"""The fewest characters of an answer that are looked for in what a caller or a command gave back."""

DOUBLED_LEAD = 20
"""How many characters of an answer say that it begins anew."""

LATE_END = 1.0
"""How long behind ``[DONE]`` a call may end."""
