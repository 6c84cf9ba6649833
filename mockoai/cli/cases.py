"""Cases of ``mockoai run``: for each scenario a session of one server, the command, what came of it, and the verdict.

The server answers in a thread of its own; every case has a session called like its scenario, so that what is drawn
from the seed is the same however many cases run at once and in whatever order.
"""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from mockoai.cli.process import Ended, Process
from mockoai.journal import Exchange, Journal
from mockoai.report.case import Case
from mockoai.scenario.model import Scenario
from mockoai.server.lifecycle import Server
from mockoai.testing.environment import client_environment
from mockoai.verdict.judge import judge
from mockoai.verdict.model import Finding, Outcome, Verdict

URL = "{url}"
"""What stands for the base URL in the words of a command."""
SETTLE = 1.0
"""Seconds in which answers must have ended once nobody is left to read them."""
REFUSED_WHOLE = "healthy-answer-rejected"
"""The finding of a verdict that says that a call failed although its answer was whole."""
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be run: ``name`` as it was given, its ``scenario``, and what all cases have in common."""

    name: str
    scenario: Scenario
    command: tuple[str, ...]
    timeout: float
    url_names: tuple[str, ...] = ()


Tell = Callable[[Case], object]
Progress = Callable[[int, Sequence[tuple[str, float]]], object]


class Runner:
    """Runs jobs against one server, several at once.

    ``environment`` is what commands inherit. :meth:`run` may be called once.
    """

    def __init__(self, server: Server, environment: Mapping[str, str]) -> None:
        self._server = server
        self._environment = environment
        self._kept = _Kept(server.mock.journal)
        self._lock = threading.Lock()
        self._running: dict[str, tuple[Process, float]] = {}
        self._stopping = False

    def run(
        self, jobs: Sequence[Job], at_once: int, tell: Tell, progress: Progress, every: float
    ) -> tuple[list[Case], bool]:
        """Run ``jobs``, ``at_once`` of them side by side; return the cases in the order of the jobs, and whether
        all was interrupted.

        ``tell`` is given every case when it is over. ``progress`` is told, after every ``every`` seconds in which
        no case was over, how many are and what runs for how many seconds. Raises UsageError when the command
        cannot be started. Whatever happens, no process of a command is left when this returns.
        """
        todo: queue.SimpleQueue[tuple[int, Job]] = queue.SimpleQueue()
        for numbered in enumerate(jobs):
            todo.put(numbered)
        results: queue.SimpleQueue[tuple[int, Case | BaseException | None]] = queue.SimpleQueue()
        workers = [
            threading.Thread(target=self._work, args=(todo, results), name=f"mockoai-case-{n}", daemon=True)
            for n in range(min(at_once, len(jobs)))
        ]
        done: dict[int, Case] = {}
        interrupted = False
        with _signals_interrupt():
            try:
                for worker in workers:
                    worker.start()
                self._collect(results, len(jobs), done, tell, progress, every)
            except KeyboardInterrupt:
                interrupted = True
            finally:
                self._stop(workers)
        return [done[number] for number in sorted(done)], interrupted

    def _collect(
        self,
        results: queue.SimpleQueue[tuple[int, Case | BaseException | None]],
        total: int,
        done: dict[int, Case],
        tell: Tell,
        progress: Progress,
        every: float,
    ) -> None:
        while len(done) < total:
            try:
                number, result = results.get(timeout=every)
            except queue.Empty:
                now = time.monotonic()
                with self._lock:
                    running = [(id, now - start) for id, (_, start) in self._running.items()]
                progress(len(done), running)
                continue
            if isinstance(result, BaseException):
                raise result
            if result is not None:
                done[number] = result
                tell(result)

    def _stop(self, workers: Sequence[threading.Thread]) -> None:
        """End everything that runs; a further Ctrl-C does not keep us from it, and it takes two seconds at most."""
        with _signals_ignored():
            with self._lock:
                self._stopping = True
                running = [process for process, _ in self._running.values()]
            enders = [threading.Thread(target=one.stop) for one in running]
            for thread in enders:
                thread.start()
            for thread in (*enders, *workers):
                if thread.ident is not None:
                    thread.join()

    def _work(
        self,
        todo: queue.SimpleQueue[tuple[int, Job]],
        results: queue.SimpleQueue[tuple[int, Case | BaseException | None]],
    ) -> None:
        while not self._stopping:
            try:
                number, job = todo.get_nowait()
            except queue.Empty:
                return
            try:
                results.put((number, self._case(job)))
            except BaseException as error:
                results.put((number, error))
                return

    def _case(self, job: Job) -> Case | None:
        """Run one job; None when it was stopped."""
        server, scenario = self._server, job.scenario
        mock, session = server.mock, scenario.id
        self._kept.open(session)

        def set_scenario() -> None:
            mock.sessions.get(session).scenario = scenario

        server.call(set_scenario)
        url = f"{server.origin}/session/{quote(session, safe='')}/v1"
        environment = {**self._environment, **client_environment(url, inherited=self._environment)}
        environment |= dict.fromkeys(job.url_names, url)
        received = mock.clock()
        process = Process([word.replace(URL, url) for word in job.command], environment)
        with self._lock:
            self._running[session] = process, time.monotonic()
            stopping = self._stopping
        if stopping:
            process.stop()
        ended = process.finish(job.timeout)
        with self._lock:
            del self._running[session]
        if ended.stopped:
            return None
        # What the command sent last may not have been read yet.
        server.call(lambda: None)
        exchanges, dropped = self._kept.close(session, SETTLE)
        outcome = _outcome(session, ended, received, mock.clock(), exchanges)
        verdict = judge(exchanges, [outcome], scenarios=[scenario], dropped=dropped)
        return Case(
            name=job.name,
            scenario=scenario,
            received=received,
            seconds=ended.seconds,
            exit_code=ended.exit_code,
            timed_out=ended.timed_out,
            stdout=ended.stdout,
            stderr=ended.stderr,
            exchanges=tuple(exchanges),
            verdict=verdict,
            findings=tuple(command_findings(scenario, ended, verdict, job.timeout)),
        )


def _outcome(session: str, ended: Ended, started: float, end: float, exchanges: Sequence[Exchange]) -> Outcome:
    """Return what the verdict is told of the command; one that had to be ended said nothing of its own."""
    return Outcome(
        kind="cancelled" if ended.timed_out else "exited",
        session=session,
        started=started,
        ended=end,
        exchanges=tuple(one.number for one in exchanges),
        single=False,
        exit_code=ended.exit_code,
        stdout=ended.stdout,
        stderr=ended.stderr,
        label=session,
    )


def command_findings(scenario: Scenario, ended: Ended, verdict: Verdict, timeout: float) -> Iterator[Finding]:
    """Yield what is wrong with how the command ended, unless ``expect:`` of the scenario says what is right.

    An exit code other than 0 is how a command says that it noticed, and so nothing wrong after a fault that cannot
    be made good; it is wrong when the answers were whole.
    """
    if ended.timed_out:
        yield _finding(
            "command-timed-out",
            f"The command was still running after {timeout:g} s.",
            "Give the client a limit for the whole call, or the run more time with --timeout.",
            scenario,
        )
        return
    if any(one.name == "exit" for one in scenario.expect) or ended.exit_code == 0:
        return
    if ended.exit_code < 0:
        yield _finding(
            "command-crashed",
            f"The command was ended by {_signal_name(-ended.exit_code)}.",
            "See what it printed; no answer of a server should make a client crash.",
            scenario,
        )
    elif any(one.code == REFUSED_WHOLE for one in verdict.findings):
        yield _finding(
            "command-failed",
            f"The command ended with {ended.exit_code} although the answers it got were whole.",
            "See what it printed. If that is as it should be, say so in the file: `expect: [{exit: nonzero}]`.",
            scenario,
        )


def _finding(code: str, message: str, advice: str, scenario: Scenario) -> Finding:
    return Finding(code=code, severity="failure", message=message, advice=advice, scenario=scenario.id)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class _Kept:
    """The exchanges of the sessions that are open. The server's thread writes, those of cases read and wait."""

    def __init__(self, journal: Journal) -> None:
        self._changed = threading.Condition()
        self._journals: dict[str, Journal] = {}
        journal.greet(self._begun)
        journal.listen(self._ended)

    def open(self, session: str) -> None:
        """Keep what comes for ``session`` from now on."""
        with self._changed:
            self._journals[session] = Journal()

    def close(self, session: str, timeout: float) -> tuple[list[Exchange], int]:
        """Return the exchanges of ``session`` and how many were dropped; waits until all have ended, or
        ``timeout`` seconds."""
        with self._changed:
            journal = self._journals[session]
            self._changed.wait_for(lambda: all(one.finished for one in journal), timeout)
            del self._journals[session]
            return list(journal), journal.dropped

    def _begun(self, exchange: Exchange) -> None:
        with self._changed:
            journal = self._journals.get(exchange.session)
            if journal is not None:
                journal.add(exchange)

    def _ended(self, exchange: Exchange) -> None:
        with self._changed:
            self._changed.notify_all()


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Let other signals that ask us to end do what Ctrl-C does."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    # What was to be ignored, as under nohup, still is.
    wanted = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _signals_ignored() -> Iterator[None]:
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *_SIGNALS)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
