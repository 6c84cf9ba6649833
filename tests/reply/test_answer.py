from mockoai.plan.items import Finish, Reasoning, Refusal, Role, Text, ToolCall
from mockoai.reply.answer import Answer, Call, Meter, speak, together

CALL = Call("f", ("{", "}"), id="call_1")
FULL = Answer(text=("a", "b"), reasoning=("r",), calls=(CALL, CALL), finish="tool_calls")


def test_parts_in_the_order_a_model_makes_them() -> None:
    meter = Meter()
    parts = list(speak(FULL, 0, meter))
    assert [type(part) for part in parts] == [Role, Reasoning, Text, Text, *[ToolCall] * 6, Finish]
    assert [part.tokens for part in parts] == [0, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7]
    assert (meter.tokens, meter.reasoning) == (7, 1)
    calls = [part for part in parts if isinstance(part, ToolCall)]
    assert [(call.index, call.id, call.name, call.arguments) for call in calls] == [
        (0, "call_1", "f", ""),
        (0, None, None, "{"),
        (0, None, None, "}"),
        (1, "call_1", "f", ""),
        (1, None, None, "{"),
        (1, None, None, "}"),
    ]


def test_a_refusal_a_role_left_out_and_another_finish() -> None:
    parts = list(speak(Answer(("no",), refused=True), 3, Meter(), finish="content_filter", role=False))
    assert parts == [Refusal(tokens=1, choice=3, text="no"), Finish(tokens=1, choice=3, reason="content_filter")]


def test_choices_take_turns() -> None:
    meter = Meter()
    parts = together([speak(Answer(("a", "b", "c")), 0, meter), speak(Answer(("x",)), 1, meter)])
    assert [(part.choice, part.tokens) for part in parts] == [
        (0, 0), (1, 0), (0, 1), (1, 2), (0, 3), (1, 3), (0, 4), (0, 4)
    ]  # fmt: skip
    assert [type(part) for part in parts] == [Role, Role, Text, Text, Text, Finish, Text, Finish]
