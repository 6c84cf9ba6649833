import math

from hypothesis import given
from hypothesis import strategies as st

from mockoai.reply.logprobs import Logprobs
from mockoai.seed import Seed


@given(st.integers(), st.text(max_size=8), st.integers(0, 3), st.integers(-5, 50), st.integers(0, 20))
def test_the_chosen_token_is_the_likeliest(seed: int, token: str, choice: int, number: int, top: int) -> None:
    found = Logprobs(Seed(seed), top).of(token, choice, number)
    assert found.token == token
    assert math.log(0.55) - 1e-6 <= found.logprob <= 0
    assert len(found.top) == top
    if top:
        assert found.top[0] == (token, found.logprob)
        values = [value for _, value in found.top]
        assert values == sorted(values, reverse=True)
        assert len({name for name, _ in found.top}) == top
        assert sum(math.exp(value) for value in values) < 1 + 1e-6


def test_the_same_place_has_the_same_value() -> None:
    one = Logprobs(Seed(1), 2)
    assert one.of("a", 0, 3) == one.of("a", 0, 3)
    assert len({one.of("a", 0, number).logprob for number in range(50)}) > 40
