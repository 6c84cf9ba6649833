import subprocess
import sys

import pytest

from mockoai.reply.prose import SENTENCES, WORDS, healthy, lorem
from mockoai.reply.tokens import split
from mockoai.seed import Seed


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4"])
def test_sentences_have_the_length_that_is_promised(model: str) -> None:
    assert all(10 <= len(split(sentence, model)) <= 14 for sentence in SENTENCES)


def test_no_sentence_and_no_word_stands_twice() -> None:
    assert len(set(SENTENCES)) == len(SENTENCES)
    assert len(set(WORDS)) == len(WORDS)


def test_a_text_is_one_to_three_different_sentences() -> None:
    texts = [healthy(Seed(number)) for number in range(500)]
    assert len(set(texts)) > 300
    for text in texts:
        sentences = [one + "." for one in text.removesuffix(".").split(". ")]
        assert 1 <= len(sentences) <= 3
        assert len(set(sentences)) == len(sentences)
        assert set(sentences) <= set(SENTENCES)
        assert 10 <= len(split(text)) <= 42


def test_the_same_seed_says_the_same() -> None:
    assert healthy(Seed(7)) == healthy(Seed(7))
    assert lorem(40, Seed(7)) == lorem(40, Seed(7))


@pytest.mark.parametrize("count", [0, 1, 80, 1000])
def test_placeholder_text_has_exactly_so_many_tokens(count: int) -> None:
    pieces = lorem(count, Seed(1))
    assert len(pieces) == count
    text = "".join(pieces)
    assert "  " not in text
    assert text[:1].isupper() or not count


def test_a_longer_placeholder_begins_with_the_shorter() -> None:
    assert lorem(500, Seed(1))[:100] == lorem(100, Seed(1))


def test_faker_is_imported_only_for_placeholder_text() -> None:
    code = (
        "import sys; from mockoai.reply.compose import compose; from mockoai.reply.prose import healthy, lorem;"
        "from mockoai.seed import Seed; healthy(Seed(1)); assert 'faker' not in sys.modules;"
        "lorem(3, Seed(1)); assert 'faker' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
