"""The figures that findings rest on, each with its reason. Durations in seconds."""

RETRYABLE = frozenset({408, 409, 425, 429})
"""Statuses below 500 that invite a retry: RFC 9110 §15.5.9 (408), RFC 8470 §5.2 (425), RFC 6585 §4 (429); OpenAI
answers 409 when a lock could not be had in time, and its SDKs retry that."""

PERMANENT = frozenset({501, 505})
"""Statuses from 500 on that say "never" (RFC 9110 §15.6.2, §15.6.6). The common SDKs retry all from 500 on."""

PASSING = frozenset({421, 498})
"""Other statuses after which a second attempt may help: on another connection (421, RFC 9110 §15.5.20), or when
there is room again (498, Groq). So it may after any that comes with a Retry-After, as a 413 that will pass does
(RFC 9110 §15.5.14)."""

CREDENTIALS = ("authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie")
"""Headers that say who asks."""

FINAL_CODES = frozenset({"insufficient_quota"})
"""Codes of a 429 that no waiting helps against: the account is out of money, not out of tokens a minute."""

EARLY = 0.95
"""The part of a Retry-After that must have passed: timers are not exact, and clients measure from elsewhere."""

TIMER_GRAIN = 0.02
"""What a timer may be early, and the end of an answer late in the journal, however short the wait."""

DATE_GRAIN = 1.0
"""What a Retry-After date may be off: it has whole seconds (RFC 9110 §5.6.7)."""

LONG_WAIT = 60.0
"""The longest Retry-After that all clients with a cap of their own obey; some do what they like above it."""

ABSURD_WAIT = 120.0
"""A Retry-After from which on giving up, or waiting less, is sound."""

CAPPED_WAIT = 20.0
"""How long a client must wait at the least for an absurd Retry-After, if it tries again at all."""

BACKOFF = 0.5
"""The range of the first wait that the most careless sound client draws from, doubled each time: full jitter begins at
nothing, so that one short wait proves little. OpenAI's SDKs wait at least 0.375 s."""

NO_BACKOFF = 1 / 500
"""How seldom such a client may wait as little as was seen, so that it is held to have no backoff."""

MAYBE_NO_BACKOFF = 1 / 50
"""How seldom, so that it is told: 10 ms for one retry, and 100 ms for each of two."""

STORM = 10
"""The most attempts of one call that are still persistence, within :data:`STORM_TIME`."""

STORM_TIME = 60.0
"""How long a storm lasts at the most: whoever makes eleven attempts in an hour is patient."""

CROWD = 64
"""The most calls side by side of which it is worked out which requests belong to which."""

PARALLEL = 3
"""The fewest callers whose retries are compared for jitter."""

LEAST_WAIT = 0.1
"""From when on a retry is not at once, and waits are compared: of shorter ones the machine takes too great a part."""

JITTER = 0.02
"""How near to each other, as a part of the longest, retries of parallel callers are without any jitter.

openai-python draws from a quarter of the wait; three of its callers are this near by chance in 1 of 70 cases.
"""

JITTER_EVIDENCE = 4
"""How many coincidences it takes: two rounds of three callers, or one of five. By chance that is 1 case in 5,000."""

ROUNDS = 2
"""How many times a counter of retries must begin anew within a call for two layers to be at work."""

STALL = 120.0
"""A silence that is worth knowing of when a client sat it out. Shorter ones prove nothing: to wait is patience."""

NO_TIMEOUT = 300.0
"""A silence that shows that there is no timeout: Node's fetch gives up then, and other clients with one long before.
Only OpenAI's SDKs wait longer, 600 s, and they say so."""

ENDLESS = 120.0
"""How long comments alone may keep a client waiting before that is worth knowing."""

NO_LIMIT = 600.0
"""How long they must, to show that it has no limit for the answer: ten minutes is what OpenAI's SDKs give one."""

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
