"""An accounting layer that meets usage which is missing, zero or no number, after the 200 was sent."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
from starlette.applications import Starlette

from mockoai import fault
from tests.stories import accounting
from tests.stories.accounting import Ledger
from tests.stories.checking import checked, errors
from tests.stories.events import data, lines
from tests.stories.hosting import hosting
from tests.stories.waiting import ended

if TYPE_CHECKING:
    from mockoai.testing.session import Session

Form = Callable[..., Starlette]

MODEL = "qwen2.5-7b"
QUESTION = "How warm is it in Paris?"
TEXT = "It is 21 degrees in Paris."
REPLY = {"text": TEXT, "usage": {"prompt_tokens": 40, "completion_tokens": 10}}
ESTIMATE = math.ceil(len(QUESTION) / 4) + math.ceil(len(TEXT) / 4)
PRICE = 20 / 1000


@dataclass
class Seen:
    """What the user of the service got."""

    status: int = 0
    text: str = ""
    error: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


class Service:
    """The service and its only user."""

    def __init__(self, client: httpx.Client, form: Form, **settings: Any) -> None:
        self.client = client
        self.ledger = Ledger({"ada": 100.0})
        self.seen = Seen()
        self.application = form(self.ledger, openai.AsyncOpenAI(max_retries=0), **settings)

    @property
    def paid(self) -> float:
        return 100.0 - self.ledger.balances["ada"]

    def ask(self, leaving_after: str = "") -> str:
        """Return the text of the answer; raises RuntimeError with the error that is in it."""
        body = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}]}
        headers = {"x-user": "ada"}
        url = f"{self.origin}/v1/chat/completions"
        self.seen = seen = Seen()
        with self.client.stream("POST", url, json=body, headers=headers) as answer:
            seen.status = answer.status_code
            for event in map(json.loads, data(lines(answer.iter_bytes()))):
                if "error" in event:
                    seen.error = event["error"]
                    raise RuntimeError(seen.error["message"])
                for choice in event.get("choices") or ():
                    seen.text += choice["delta"].get("content") or ""
                seen.usage = event.get("usage") or seen.usage
                if leaving_after and seen.text == leaving_after:
                    break
        return seen.text

    @contextmanager
    def running(self) -> Iterator[Service]:
        with hosting(self.application) as self.origin:
            yield self


@pytest.fixture
def serving(mockoai: Session, client: httpx.Client) -> Callable[..., Any]:
    """Makes a service, whose client finds the backend by the environment, as the service does in production."""

    def make(form: Form, **settings: Any) -> Any:
        return Service(client, form, **settings).running()

    return make


class TestBroken:
    def test_it_works_as_long_as_the_backend_counts(self, mockoai: Session, serving: Any) -> None:
        mockoai.rule(reply=REPLY)
        with serving(accounting.broken) as service:
            assert service.ask() == TEXT
            assert service.paid == pytest.approx(50 * PRICE)

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("usage-missing", "AttributeError: 'NoneType' object has no attribute 'prompt_tokens'"),
            ("usage-null-fields", "TypeError: unsupported operand"),
        ],
    )
    def test_the_answer_breaks_off_behind_a_200(
        self, mockoai: Session, serving: Any, caplog: pytest.LogCaptureFixture, fault: str, error: str
    ) -> None:
        caplog.set_level(logging.INFO)
        mockoai.rule(reply=REPLY, faults=[fault])
        with serving(accounting.broken) as service:
            with mockoai.call() as call:
                service.ask()
            assert isinstance(call.error, httpx.RemoteProtocolError)
            # The user has read all of it, and the log of requests has a success.
            assert (service.seen.status, service.seen.text) == (200, TEXT)
            assert '"POST /v1/chat/completions HTTP/1.1" 200' in caplog.text
            assert error in caplog.text
            assert service.paid == 0
        # The backend sent a whole answer, and says so.
        (exchange,) = mockoai.exchanges
        assert exchange.delivery.outcome == "clean"
        assert mockoai.verdict.findings[0].code == "harmless-quirk-rejected"

    def test_zeros_are_free_of_charge(self, mockoai: Session, serving: Any) -> None:
        mockoai.rule(reply=TEXT, faults=["usage-zeros-final"])
        with serving(accounting.broken) as service:
            assert service.ask() == TEXT
            assert service.paid == 0

    def test_negative_counts_pay_the_user(self, mockoai: Session, serving: Any) -> None:
        mockoai.rule(reply=TEXT, faults=["usage-negative"])
        with serving(accounting.broken) as service:
            service.ask()
            assert service.paid < 0

    def test_after_one_nan_everything_is_free_for_ever(self, mockoai: Session, serving: Any) -> None:
        mockoai.use("usage-nan")
        with serving(accounting.broken) as service:
            service.ask()
            assert math.isnan(service.ledger.balances["ada"])
            mockoai.use(rules=[{"reply": {"text": TEXT, "usage": {"prompt_tokens": 10**9}}}])
            service.ask()
            service.ask()
            assert math.isnan(service.ledger.balances["ada"])
            assert service.seen.status == 200

    def test_a_provider_of_another_name_has_no_price(
        self, mockoai: Session, serving: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        mockoai.rule(reply=REPLY)
        broken = serving(accounting.broken, provider="my-endpoint")
        with broken as service, pytest.raises(httpx.RemoteProtocolError):
            service.ask()
        assert "KeyError: 'my-endpoint'" in caplog.text

    def test_a_model_of_another_name_has_no_price(
        self, mockoai: Session, serving: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        mockoai.use("model-missing-or-alias")
        with serving(accounting.broken) as service, pytest.raises(httpx.RemoteProtocolError):
            service.ask()
        assert mockoai.requests[0].json["model"] == MODEL
        assert "KeyError: 'deepseek/deepseek-chat'" in caplog.text

    def test_an_error_of_the_backend_is_a_200_without_a_word(self, mockoai: Session, serving: Any) -> None:
        mockoai.use("auth-invalid-key")
        with serving(accounting.broken) as service:
            with pytest.raises(httpx.RemoteProtocolError):
                service.ask()
            assert (service.seen.status, service.seen.text, service.seen.error) == (200, "", {})


class TestMended:
    def test_it_charges_what_the_backend_counted(self, mockoai: Session, serving: Any) -> None:
        mockoai.rule(reply=REPLY)
        with serving(accounting.mended) as service:
            assert service.ask() == TEXT
            assert service.paid == pytest.approx(50 * PRICE)
            assert service.seen.usage == {"prompt_tokens": 40, "completion_tokens": 10, "estimated": False}
        assert mockoai.requests[0].json["stream_options"] == {"include_usage": True}

    @pytest.mark.parametrize(
        "fault", ["usage-missing", "usage-zeros-final", "usage-empty-object", "usage-null-fields", "usage-negative"]
    )
    def test_it_estimates_what_it_cannot_use(self, mockoai: Session, serving: Any, fault: str) -> None:
        mockoai.rule(reply=REPLY, faults=[fault])
        with serving(accounting.mended) as service:
            with mockoai.call() as call:
                call.text = service.ask()
            assert service.paid == pytest.approx(ESTIMATE * PRICE)
            assert service.seen.usage["estimated"]
        mockoai.verdict.assert_sound()

    # Two scenarios are about requests that do not ask for usage; here every request does.
    @pytest.mark.mockoai("usage/*", allow_unused=True)
    def test_no_usage_whatever_costs_the_user_the_answer_or_anybody_money(self, mockoai: Session, serving: Any) -> None:
        with serving(accounting.mended) as service:
            with mockoai.call() as call:
                call.text = service.ask()
            assert 0 < service.paid < 2
            assert service.seen.status == 200
            assert bool(service.seen.error) == (mockoai.scenario.id == "usage-lost-on-disconnect")
            if mockoai.scenario.id not in ("usage-null-until-last", "usage-unrequested"):
                mockoai.verdict.assert_sound()

    def test_who_leaves_in_the_middle_pays_for_what_was_handed_out(self, mockoai: Session, serving: Any) -> None:
        silence = fault("stall-mid-stream", after="3 tokens", for_="30s")
        mockoai.rule(reply={"tokens": ["It", " is", " 21", " degrees."]}, faults=[silence])
        with serving(accounting.mended) as service:
            service.ask(leaving_after="It is 21")
            (exchange,) = ended(mockoai)
        # The backend was left too, so nobody pays for what nobody reads.
        assert exchange.delivery.outcome == "client-left"
        assert service.paid == pytest.approx((math.ceil(len(QUESTION) / 4) + 2) * PRICE)

    def test_other_names_are_charged_all_the_same(self, mockoai: Session, serving: Any) -> None:
        mockoai.rule(reply=REPLY)
        with serving(accounting.mended, provider="my-endpoint") as service:
            assert service.ask() == TEXT
            assert service.paid == pytest.approx(50 * PRICE)

    def test_a_model_without_a_price_has_the_fallback(self, mockoai: Session, serving: Any) -> None:
        mockoai.rule(reply=REPLY)
        with serving(accounting.mended) as service:
            service.ledger.prices[accounting.PROVIDER].clear()
            service.ledger.prices[accounting.PROVIDER]["another"] = 1.0
            assert service.ask() == TEXT
            assert service.paid == pytest.approx(50 * accounting.FALLBACK_PRICE / 1000)

    @pytest.mark.parametrize(
        ("id", "type", "message", "begun"),
        [
            ("auth-invalid-key", "AuthenticationError", "Incorrect API key provided", False),
            ("quota-exhausted-429", "RateLimitError", "You exceeded your current quota", False),
            ("err-data-no-done", "APIError", "The server had an error", True),
            # The SDK wraps what it meets while it reads a chunk, and not what it meets between two of them.
            ("usage-lost-on-disconnect", "APIConnectionError|RemoteProtocolError", "onnection", True),
        ],
    )
    def test_an_error_is_told_in_the_stream(
        self,
        mockoai: Session,
        serving: Any,
        caplog: pytest.LogCaptureFixture,
        id: str,
        type: str,
        message: str,
        begun: bool,
    ) -> None:
        mockoai.use(id)
        with serving(accounting.mended) as service:
            with mockoai.call() as call:
                service.ask()
            assert isinstance(call.error, RuntimeError)
            assert service.seen.status == 200
            assert TEXT.startswith(service.seen.text)
            assert (bool(service.seen.text), service.paid > 0) == (begun, begun)
            assert service.seen.error["type"] in type.split("|")
            assert message in service.seen.error["message"]
        mockoai.verdict.assert_sound()
        # The log says where, and to which endpoint.
        assert mockoai.url in caplog.text
        assert "Traceback" in caplog.text


class TestChecked:
    """What ``mockoai check`` says of the service, which its users see as an endpoint like any other."""

    @pytest.mark.parametrize(
        ("id", "told"),
        [
            ("usage-missing", "fin-mid-chunked"),
            ("usage-zeros-final", "usage-zeros-final"),
            ("usage-nan", "usage-nan"),
        ],
    )
    def test_the_mended_one_keeps_to_itself_what_the_broken_one_passes_on(
        self, mockoai: Session, serving: Any, capsys: pytest.CaptureFixture[str], id: str, told: str
    ) -> None:
        mockoai.use(id)
        options = ["--model", MODEL, "--header", "x-user: ada", "--only", "stream"]
        found = {}
        for form in (accounting.broken, accounting.mended):
            with serving(form) as service:
                _, found[form] = checked(capsys, f"{service.origin}/v1", *options)
        assert told in errors(found[accounting.broken])
        assert errors(found[accounting.mended]) == []
