"""Text to say when the scenario gives none: short English sentences, and placeholder Latin."""

from __future__ import annotations

from functools import cache

from mockoai.reply import tokens
from mockoai.seed import Seed

SENTENCES = (
    "A short walk before breakfast makes the rest of the day easier.",
    "The kettle was still warm when she came back from the garden.",
    "Most of the shelves in the shop are filled by noon.",
    "You can reach the old harbour by tram in about ten minutes.",
    "The first draft is ready, and two small questions remain open.",
    "A good map shows what you need and leaves out the rest.",
    "They planted three apple trees along the wall last autumn.",
    "The museum opens at nine and is quiet until eleven.",
    "Fresh paint needs a full day to dry in this weather.",
    "His bicycle is older than he is, and it runs well.",
    "The river rises in the hills and slows down near the town.",
    "Bring a coat, because the evenings are cool by the water.",
    "The recipe asks for two eggs, some flour and a little salt.",
    "Every window on the top floor looks out over the square.",
    "The report covers the last quarter and ends with three proposals.",
    "It rained all morning, so the match was moved to Sunday.",
    "A library card costs nothing and lasts for two years.",
    "The baker keeps one loaf aside for the night nurse.",
    "Count the steps twice before you cut the wood.",
    "The bridge was rebuilt in stone after the flood.",
    "Our neighbours grow beans, carrots and a few sunflowers.",
    "The last train leaves at midnight from platform four.",
    "A clear question is often half of the answer.",
    "The cat sleeps on the printer whenever it is warm.",
    "Two of the five samples were slightly above the limit.",
    "The choir meets on Tuesdays in the hall behind the church.",
    "Keep the receipt until the package has arrived safely.",
    "The lamp in the corridor turns itself off after a minute.",
    "From the tower you can see the lake on a clear day.",
    "The team agreed to start with the smallest change first.",
    "Wooden spoons last longer when they are washed by hand.",
    "The letter took nine days to cross the mountains.",
    "There is a quieter path on the far side of the park.",
    "The new schedule leaves Friday afternoons free for reading.",
    "A pinch of pepper brings out the taste of the soup.",
    "The clock in the hall is four minutes slow.",
    "Sales rose a little in spring and held steady afterwards.",
    "The island has one road, one school and two bakeries.",
    "Turn the key gently, because the lock is rather stiff.",
    "The students measured the shadow of the tree every hour.",
    "Wool keeps you warm even when it is wet.",
    "The ferry carries forty cars and runs twice a day.",
    "An old friend sent a postcard from the north coast.",
    "The second chapter explains how the canal was built.",
    "Leave the dough to rest under a cloth for an hour.",
    "The meeting ended early because everything had been said.",
    "Swallows return to the same barn in the middle of April.",
    "The garden gate squeaks, which is better than a bell.",
)
"""What a healthy model says; each sentence has 10 to 14 tokens."""

WORDS = (
    "amber", "anchor", "april", "basket", "beacon", "birch", "bridge", "candle", "canyon", "cedar", "cherry",
    "cloud", "copper", "coral", "delta", "ember", "falcon", "fern", "forest", "garden", "ginger", "harbour",
    "hazel", "island", "ivory", "jasmine", "juniper", "lantern", "lemon", "linen", "maple", "meadow",
    "mirror", "north", "olive", "orchard", "paper", "pebble", "pepper", "pine", "quartz", "river", "saffron",
    "silver", "stone", "summer", "thistle", "timber", "valley", "velvet", "walnut", "willow", "winter",
    "yellow",
)  # fmt: skip
"""Words for names, keys and short strings."""

_BLOCK = 64  # words drawn from one seed


def healthy(seed: Seed) -> str:
    """Return one to three sentences, 10 to 42 tokens."""
    data = seed.data(4)
    size = len(SENTENCES)
    # Steps of 1 to size/3 from sentence to sentence: three of them never meet again.
    first = data[1] % size
    second = first + 1 + data[2] % (size // 3)
    third = second + 1 + data[3] % (size // 3)
    return " ".join([SENTENCES[number % size] for number in (first, second, third)[: 1 + data[0] % 3]])


def lorem(count: int, seed: Seed, model: str = "") -> tuple[str, ...]:
    """Return placeholder Latin, cut into exactly ``count`` tokens, in sentences of 5 to 12 words.

    The words are Faker's; which of them, in which order, comes from ``seed`` alone.
    """
    pieces: list[str] = []
    block = 0
    while len(pieces) < count:
        # One block at a time, so that the work grows with the number of tokens and not with its square.
        pieces.extend(tokens.split(_latin(seed.child(block), first=block == 0), model))
        block += 1
    return tuple(pieces[:count])


def _latin(seed: Seed, *, first: bool) -> str:
    words = _latin_words()
    data = seed.data(2 * _BLOCK)
    text: list[str] = []
    left = 0
    for number in range(_BLOCK):
        word = words[int.from_bytes(data[2 * number : 2 * number + 2], "big") % len(words)]
        if left == 0:
            left = 5 + data[2 * number] % 8
            word = word.capitalize()
        left -= 1
        text.append(word + "." if left == 0 or number == _BLOCK - 1 else word)
    return ("" if first else " ") + " ".join(text)


@cache
def _latin_words() -> tuple[str, ...]:
    # Faker takes some 60 ms to import; only scenarios that ask for placeholder text pay for it.
    from faker.providers.lorem.la import Provider

    return tuple(Provider.word_list)
