"""When the parts of a healthy answer leave."""

from itertools import pairwise

from mockoai.plan.duration import Duration
from mockoai.plan.items import Finish, Part, Role, Text, Usage
from mockoai.plan.timing import immediate, schedule
from mockoai.scenario.model import Timing
from mockoai.seed import Seed

TIMING = Timing(headers=Duration.fixed(0.1), first_token=Duration.fixed(1.0), between_tokens=Duration.fixed(0.25))


def times(parts: list[Part], timing: Timing = TIMING) -> list[float]:
    return [round(part.at, 3) for part in schedule(parts, timing, Seed(1))]


def test_the_role_leaves_with_the_head_and_tokens_keep_their_distance() -> None:
    parts: list[Part] = [
        Role(),
        *[Text(text=str(n), tokens=n) for n in (1, 2, 3)],
        Finish(reason="stop", tokens=3),
        Usage(tokens=3),
    ]
    assert times(parts) == [0.1, 1.1, 1.35, 1.6, 1.6, 1.6]


def test_choices_are_generated_side_by_side() -> None:
    parts: list[Part] = [Text(text="x", choice=choice, tokens=n) for n, choice in ((1, 0), (2, 1), (3, 0), (4, 1))]
    assert times(parts) == [1.1, 1.1, 1.35, 1.35]


def test_a_choice_that_goes_on_alone_keeps_its_pace() -> None:
    parts: list[Part] = [
        Text(text="x", choice=choice, tokens=n) for n, choice in ((1, 0), (2, 1), (3, 0), (4, 0), (5, 0))
    ]
    assert times(parts) == [1.1, 1.1, 1.35, 1.6, 1.85]


def test_drawn_gaps_differ_and_repeat() -> None:
    timing = Timing(between_tokens=Duration("uniform", 0.01, 0.03))
    parts: list[Part] = [Text(text="x", tokens=n) for n in range(1, 20)]
    drawn = [part.at for part in schedule(parts, timing, Seed(5))]
    gaps = {round(b - a, 6) for a, b in pairwise(drawn)}
    assert len(gaps) > 10
    assert drawn == [part.at for part in schedule(parts, timing, Seed(5))]
    assert drawn != [part.at for part in schedule(parts, timing, Seed(6))]


def test_only_fixed_zeros_are_immediate() -> None:
    assert immediate(Timing())
    assert not immediate(TIMING)
    assert not immediate(Timing(before_done=Duration("uniform", 0, 0.1)))
