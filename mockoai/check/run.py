"""A whole check: holds the conversation, records, reads and judges. What sends and listens is handed in. Pure."""

from __future__ import annotations

from collections.abc import Callable

from mockoai.check.conversation import Conversation
from mockoai.check.judge import report
from mockoai.check.model import Ask, Bounds, Recording, Report
from mockoai.check.reading.exchange import Exchange
from mockoai.check.target import Target

Record = Callable[[Target, Ask, float], Recording]
"""Sends an ask to a target and records the answer, with this many seconds of patience."""

Progress = Callable[[Ask, Exchange | None], object]
"""Is told of every ask before it is sent, and again with what came back."""


def hold(
    conversation: Conversation, record: Record, bounds: Bounds, progress: Progress = lambda ask, heard: None
) -> None:
    """Ask all that there is to ask; what was heard is in ``conversation``."""
    talk = conversation.talk()
    ask = next(talk, None)
    while ask is not None:
        progress(ask, None)
        target = conversation.target
        usual = bounds.patience if conversation.answered else bounds.early
        recording = record(target, ask, usual)
        heard = Exchange(ask, recording, target.where(ask.path, rooted=ask.rooted))
        progress(ask, heard)
        try:
            ask = talk.send(heard)
        except StopIteration:
            return


def check(
    conversation: Conversation, record: Record, bounds: Bounds, progress: Progress = lambda ask, heard: None
) -> Report:
    """Hold ``conversation`` and judge it."""
    hold(conversation, record, bounds, progress)
    return report(conversation)
