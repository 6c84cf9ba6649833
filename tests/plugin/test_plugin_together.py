"""Beside other plugins: pytest-xdist, pytest-asyncio, anyio."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import RunTests
from tests.plugin.test_plugin_late import KEPT


def test_each_worker_has_a_server_and_all_are_told_of(run: RunTests, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_more="""
        import pytest
        from client import ask, text

        @pytest.mark.parametrize("number", range(20))
        def test_counts(mockoai, number):
            mockoai.rule(reply=f"{number}", when={"call": 2})
            mockoai.rule(reply="others")
            assert [text(ask()) for _ in range(3)] == ["others", str(number), "others"]
        """
    )
    result = run(KEPT, "-n", "2", "--dist", "loadfile", "--mockoai-report", "out.json", process=True)
    result.assert_outcomes(passed=23, errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_owner*",
            "error[[]late-request[]]:*",
            "mockoai: 22 sessions, 62 exchanges, 2 late*",
        ]
    )
    assert (pytester.path / "out.json").read_text().count('"test_more.py::test_counts[') == 20


ASYNC = """
    import asyncio
    import pytest
    from openai import AsyncOpenAI

    MESSAGES = [{"role": "user", "content": "Hello"}]

    MARK
    async def test_waits_while_its_client_runs(mockoai):
        async with AsyncOpenAI(max_retries=2) as client:
            mockoai.use("retry-after-seconds")
            task = START(client.chat.completions.create(model="gpt-4o", messages=MESSAGES))
            await mockoai.wait_for_async(1)
            assert len(mockoai.requests) == 1
            assert len(await mockoai.wait_for_async(2)) == 2
            await FINISH(task)

    MARK
    async def test_calls(mockoai):
        mockoai.use("fin-mid-chunked")
        async with mockoai.call() as call, AsyncOpenAI(max_retries=0) as client:
            async for _ in await client.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True):
                pass
        assert call.raised
        mockoai.verdict.assert_sound()

    MARK
    async def test_gives_up(mockoai):
        with pytest.raises(AssertionError, match="0 of 1 requests came"):
            await mockoai.wait_for_async(1, timeout=0.01)
"""


def test_pytest_asyncio(run: RunTests, pytester: pytest.Pytester) -> None:
    pytester.makeini(
        "[pytest]\nfilterwarnings = error\nasyncio_mode = strict\nasyncio_default_fixture_loop_scope = function\n"
    )
    source = ASYNC.replace("MARK", "@pytest.mark.asyncio").replace("START", "asyncio.create_task")
    result = run(source.replace("FINISH(task)", "task"), process=True)
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio(run: RunTests, pytester: pytest.Pytester, backend: str) -> None:
    pytester.makeconftest(f"""
        import pytest

        @pytest.fixture
        def anyio_backend():
            return {backend!r}
    """)
    source = """
    import pytest
    import anyio
    from openai import AsyncOpenAI

    MESSAGES = [{"role": "user", "content": "Hello"}]

    @pytest.mark.anyio
    async def test_waits_while_its_client_runs(mockoai):
        mockoai.use("retry-after-seconds")
        async with AsyncOpenAI(max_retries=2) as client, anyio.create_task_group() as group:

            async def ask():
                await client.chat.completions.create(model="gpt-4o", messages=MESSAGES)

            group.start_soon(ask)
            await mockoai.wait_for_async(1)
            assert len(await mockoai.wait_for_async(2)) == 2

    @pytest.mark.anyio
    async def test_calls(mockoai):
        mockoai.use("fin-mid-chunked")
        async with mockoai.call() as call, AsyncOpenAI(max_retries=0) as client:
            async for _ in await client.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True):
                pass
        assert call.raised
        mockoai.verdict.assert_sound()

    @pytest.mark.anyio
    async def test_gives_up(mockoai):
        with pytest.raises(AssertionError, match="0 of 1 requests came"):
            await mockoai.wait_for_async(1, timeout=0.01)
    """
    run(source, process=True).assert_outcomes(passed=3)
