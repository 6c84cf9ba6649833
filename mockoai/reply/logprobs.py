"""Log probabilities that look like those of a sure model."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mockoai.plan.items import TokenLogprob
from mockoai.seed import Seed

_LOWEST = 0.55  # probability of the least likely token that is chosen: more than all others together
_DIGITS = 8  # as OpenAI prints them; also keeps the last bit of a machine's logarithm out of the answer

_OTHERS = (
    " the", " a", ",", ".", " and", " of", " to", " in", " is", " it", " that", " for", " on", " with", " as",
    " was", " at", " by", " an", " be", " this", " from", " or", " not", " are", " but", "\n", "The", " I",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logprobs:
    """The log probabilities of one answer; ``top`` is how many alternatives each token lists, itself included."""

    seed: Seed
    top: int = 0

    def of(self, token: str, choice: int, number: int) -> TokenLogprob:
        """Return the log probability of the token at position ``number`` of ``choice``.

        The chosen token is the likeliest, and the first of ``top``. The probabilities of one position add up
        to less than one.
        """
        seed = self.seed.child(choice, number)
        unit = seed.unit()
        chance = 1.0 - (1.0 - _LOWEST) * unit * unit * unit
        logprob = round(math.log(chance), _DIGITS)
        if self.top == 0:
            return TokenLogprob(token, logprob)
        left = max(1.0 - chance, 1e-9)
        start = seed.integer(0, len(_OTHERS) - 1)
        others = [one for one in _OTHERS[start:] + _OTHERS[:start] if one != token]
        top = [(token, logprob)]
        for other in others[: self.top - 1]:
            left *= 0.5
            top.append((other, round(math.log(left), _DIGITS)))
        return TokenLogprob(token, logprob, tuple(top))
