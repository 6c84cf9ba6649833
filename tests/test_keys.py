"""API keys as they are written on the command line."""

from __future__ import annotations

import pytest

from mockoai.keys import ApiKey, Limits, parse_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("sk-1", ApiKey("sk-1")),
        (" sk-1 , expired ", ApiKey("sk-1", expired=True)),
        ("sk-1,revoked-after=0", ApiKey("sk-1", revoked_after=0)),
        ("sk-1,no-quota,organization=org-1", ApiKey("sk-1", no_quota=True, organization="org-1")),
        ("sk-1,rpm=3,tpm=1000", ApiKey("sk-1", rpm=3, tpm=1000)),
    ],
)
def test_a_key_and_its_ways(text: str, key: ApiKey) -> None:
    assert parse_key(text) == key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the key is empty"),
        (",expired", "the key is empty"),
        ("sk-1,rpm=0", "`rpm=0` lets nothing through; write 1 or more"),
        ("sk-1,rpm=2,rpm=3", "`rpm` is said twice"),
        ("sk-1,rpm", "`rpm` is not known; behind a key can stand expired, no-quota"),
        ("sk-1,rpm=-1", "`rpm=-1` is not known"),
        ("sk-1,expired=yes", "`expired=yes` is not known"),
        ("sk-1,organization=", "`organization=` is not known"),
        ("sk-1,", "`` is not known"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="^" + said.replace("`", "`")):
        parse_key(text)


def test_a_keys_own_rates_come_before_those_of_all() -> None:
    everybody = Limits(rpm=10, tpm=100)
    assert everybody.of(None) == everybody
    assert everybody.of(ApiKey("a", rpm=3)) == Limits(rpm=3, tpm=100)
    assert not Limits().any
    assert Limits(tpm=1).any
