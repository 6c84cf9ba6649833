"""What a healthy server answers: a scenario's reply, or what a model would say by itself, as parts.

This is the reply layer's one entrance. Everything here is drawn from ``context.content``, so the same request
to the same scenario has the same answer, whenever and however often it comes.
"""

from __future__ import annotations

from mockoai.plan.context import Context
from mockoai.plan.items import Part
from mockoai.reply.bounds import AnswerTooLargeError
from mockoai.reply.chat import chat
from mockoai.reply.completions import completions
from mockoai.reply.embeddings import embeddings
from mockoai.reply.failure import failure
from mockoai.scenario.model import Reply

_HEALTHY = Reply()
_GENERATED = {"chat": chat, "completions": completions, "embeddings": embeddings}


def compose(reply: Reply | None, context: Context) -> tuple[Part, ...]:
    """Return the parts of the answer in the order a model produces them.

    ``tokens`` of each part counts the tokens up to and including it, those of all choices together; ``at`` is
    0, as timing is not decided here. Without a ``reply`` the answer is what a healthy model says by itself. The request
    is one that the endpoints' check let pass. An answer that would hold more than one may
    (:mod:`mockoai.reply.bounds`) is a :class:`~mockoai.plan.items.Failure` instead.
    """
    if reply is None:
        reply = _HEALTHY
    if reply.error is not None:
        return (failure(reply.error, context.backend),)
    endpoint = context.request.endpoint
    if said := _GENERATED.get(endpoint):
        try:
            return said(reply, context)
        except AnswerTooLargeError as error:
            return (error.failure,)
    if endpoint == "models":
        return context.models
    if endpoint == "model":
        wanted = context.request.parameter("model")
        return next(((one,) for one in context.models if one.id == wanted), None) or (context.backend.entry(wanted),)
    return (context.backend.page(context),)
