import pytest
from summarise import summarise

from mockoai import fault

SUMMARY = "Sales rose by four percent in the third quarter. Costs fell for the first time in two years."


def test_the_summary_is_what_the_model_says(mockoai):
    mockoai.rule(reply=SUMMARY, when={"stream": True, "message": {"contains": "Q3"}})
    assert summarise("The Q3 report …") == SUMMARY
    assert mockoai.requests[-1].json["model"] == "gpt-4o"


def test_it_waits_as_long_as_it_is_told_and_tries_again(mockoai):
    mockoai.use("retry-after-seconds")
    mockoai.rule(reply=SUMMARY)
    with mockoai.call() as call:
        call.text = summarise("The Q3 report …")
    assert len(mockoai.requests) == 2
    mockoai.verdict.assert_sound()


def test_a_stream_that_stalls_is_given_up(mockoai):
    mockoai.rule(reply=SUMMARY, faults=[fault("stall-mid-stream", after="3 tokens", for_="30s")])
    with mockoai.call() as call:
        summarise("The Q3 report …")
    assert call.raised
    mockoai.verdict.assert_sound()


@pytest.mark.mockoai("fin-mid-chunked", "err-data-then-done", "done-missing-and-finish-missing")
def test_half_a_summary_is_not_taken_for_a_whole_one(mockoai):
    with mockoai.call() as call:
        call.text = summarise("The Q3 report …")
    mockoai.verdict.assert_sound()
