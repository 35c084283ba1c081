"""The recorder: what the engine took is on disk within a second, and nothing that the disk does ends a session."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from livermore.app.recording import RecordedSession
from livermore.core.alerts.rules import Rules
from livermore.core.market.timeframe import BASE, DAY, Millis
from livermore.core.messages import CandleSeen, Event, Heard, LinkDown, LinkUp
from livermore.core.restored import Restoration, RestoredSeries
from livermore.core.watch import Watch
from livermore.errors import ClaimLost
from livermore.runtime.recording import Recorder
from livermore.runtime.recording_files import RecordingLimits, part_path
from livermore.runtime.recording_lines import effect_line
from livermore.runtime.recording_playback import Playback
from livermore.runtime.session import Session
from replays.recorded_sessions import Witness, running
from runtime.fakes import FakeClock, FakeExchange, MemoryStore, a_candle

NOON = 100 * DAY + DAY // 2
SYMBOL = "BTC-USD"
EXCHANGE = FakeExchange()
WATCH = Watch(EXCHANGE.identity, EXCHANGE.traits, Rules(), False)
ROOT = Path(__file__).resolve().parents[2]


def some_events(count: int) -> list[tuple[Event, Millis]]:
    return [(Heard(1, NOON + number), NOON + 7 * number) for number in range(count)]


class Desk:
    """A recorder and what it reports."""

    def __init__(self, path: Path, **settings: int | RecordingLimits) -> None:
        self.reports: list[tuple[str, str]] = []
        self.path = path
        self.recorder = Recorder(path, "test", lambda *report: self.reports.append(report), **settings)  # type: ignore[arg-type]
        self.recorder.begin(WATCH, (SYMBOL,), (), NOON)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.recorder.run(), name="recorder")
            yield
            task.cancel()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await asyncio.sleep(0.005)

    def played(self) -> tuple[list[tuple[Event, Millis]], str, bool]:
        playback = Playback(self.path)
        events = [(taken.event, taken.now) for taken in playback.taken()]
        return events, playback.ending, playback.is_cut


async def test_what_was_taken_is_read_back_in_order_with_its_instants(tmp_path: Path) -> None:
    desk, events = Desk(tmp_path / "r"), some_events(12_345)
    async with desk.running():
        for at in range(0, len(events), 500):
            desk.recorder.take(events[at : at + 500])
            await asyncio.sleep(0)

    assert desk.played() == (events, "the session has ended", False)
    assert desk.reports == []


async def test_a_write_that_was_cancelled_before_it_began_loses_nothing(tmp_path: Path) -> None:
    """All threads are busy when the session ends, with the first events already on their way to one."""
    loop, is_free = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))
    busy = loop.run_in_executor(None, is_free.wait)
    desk, events = Desk(tmp_path / "r"), some_events(7_000)
    async with desk.running():
        desk.recorder.take(events[:6_000])
        await desk.until(lambda: not desk.recorder._filled.is_set())
        desk.recorder.take(events[6_000:])
    is_free.set()
    await busy

    assert desk.played() == (events, "the session has ended", False)


async def test_what_the_session_began_with_is_read_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "r")
    async with desk.running():
        await asyncio.sleep(0)

    began = Playback(tmp_path / "r").began
    assert (began.watch, began.rule_version) == (WATCH, WATCH.rules.version)
    assert (began.symbols, began.series, began.began_at) == ((SYMBOL,), 0, NOON)


async def test_it_is_in_the_file_while_the_session_goes_on(tmp_path: Path) -> None:
    """So a crash loses no more than the last second."""
    desk, events = Desk(tmp_path / "r"), some_events(3)
    async with desk.running():
        desk.recorder.take(events)
        await desk.until(lambda: desk.path.exists() and desk.path.stat().st_size > 0)
        await desk.until(lambda: len(desk.played()[0]) == 3)

        found, ending, is_cut = desk.played()

    assert (found, is_cut) == (events, True)
    assert ending.endswith("its last whole record is " + str(desk.path) + ":5")


async def test_full_files_go_on_in_the_next_and_are_one_recording(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "r", limits=RecordingLimits(file_bytes=2_000, files=50))
    events = some_events(10_000)
    async with desk.running():
        for at in range(0, len(events), 100):
            desk.recorder.take(events[at : at + 100])
            if at % 1_000 == 0:
                # A write for each thousand, so that there is something in the file to be weighed.
                desk.recorder._has_batch.set()
                await desk.until(lambda: not desk.recorder._waiting)

    parts = [part_path(desk.path, part) for part in range(50) if part_path(desk.path, part).exists()]
    assert len(parts) > 2
    assert desk.played() == (events, "the session has ended", False)


async def test_at_its_bound_a_recording_ends_with_a_report_and_keeps_what_it_has(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "r", limits=RecordingLimits(file_bytes=200, files=3))
    events = some_events(5_000)
    async with desk.running():
        for at in range(0, len(events), 1_000):
            desk.recorder.take(events[at : at + 1_000])
            desk.recorder._has_batch.set()
            await desk.until(lambda: not desk.recorder._waiting or bool(desk.reports))
        await desk.until(lambda: bool(desk.reports))

    assert [kind for kind, _ in desk.reports] == ["recording_stopped"]
    found, ending, is_cut = desk.played()
    assert found == events[: len(found)]
    assert 0 < len(found) < len(events)
    assert (ending, is_cut) == ("the recording has reached its bound of 3 files", False)
    assert sorted(os.listdir(tmp_path)) == ["r", "r.1", "r.2"]


async def test_a_disk_that_cannot_keep_up_ends_the_recording_with_the_reason_in_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "r", waiting_limit=100)
    events = some_events(99)
    async with desk.running():
        desk.recorder.take(events)
        desk.recorder.take(some_events(1))
        desk.recorder.take(some_events(1))
        await desk.until(lambda: desk.path.exists() and not desk.played()[2])

    assert desk.reports == [("recording_stopped", "the disk cannot keep up: 100 events wait to be recorded")]
    assert desk.played() == (events, "the disk cannot keep up: 100 events wait to be recorded", False)


@pytest.mark.parametrize("name", ["r", "r.2"])
async def test_an_older_recording_is_never_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"precious")
    desk = Desk(tmp_path / "r")
    async with desk.running():
        await desk.until(lambda: bool(desk.reports))
        desk.recorder.take(some_events(3))

    (report,) = desk.reports
    assert report[0] == "recording_stopped"
    assert f"{name} exists" in report[1]
    assert (os.listdir(tmp_path), (tmp_path / name).read_bytes()) == ([name], b"precious")


async def test_a_disk_that_fails_under_way_ends_the_recording_and_not_the_session(tmp_path: Path) -> None:
    """What fails here is the opening of the second file, which somebody has put a folder in the place of."""
    exchange, store, reports = FakeExchange(), MemoryStore(), []
    report: Callable[[str, str], None] = lambda kind, message: reports.append((kind, message))  # noqa: E731
    recorder = Recorder(tmp_path / "r", "test", report, RecordingLimits(file_bytes=1))
    session = Session(exchange, store, WATCH, (SYMBOL,), FakeClock(), report, recorder)
    async with asyncio.timeout(30), running(session):
        while not (tmp_path / "r").exists():
            await asyncio.sleep(0.005)
        (tmp_path / "r.1").mkdir()
        await exchange.script.put([LinkUp(1, NOON + 10_000, frozenset({SYMBOL}), True)])
        # All that came so far may stand in the first file: only what comes later needs the second.
        while not reports:
            await exchange.script.put([Heard(1, NOON + 11_000)])
            await asyncio.sleep(0.005)
        await session.warmed.wait()
        before = len(store.commits)
        seen = CandleSeen(1, NOON + 20_000, a_candle(NOON), False)
        await exchange.script.put([seen, Heard(1, NOON + BASE.millis * 2)])
        while len(store.commits) == before:
            await asyncio.sleep(0.005)

    assert reports[0][0] == "recording_stopped"
    assert "r.1 cannot be written" in reports[0][1]


async def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "absent" / "r")
    async with desk.running():
        await desk.until(lambda: bool(desk.reports))

    assert desk.reports == [
        ("recording_stopped", f"{tmp_path / 'absent' / 'r'} cannot be written: No such file or directory")
    ]


async def play(session: Session, exchange: FakeExchange, since: Millis, buckets: int) -> None:
    """Run a session in which links break and buckets close, until all of it has been taken."""
    async with asyncio.timeout(30), running(session):
        await exchange.script.put([LinkUp(1, since + 10_000, frozenset({SYMBOL, "ETH-USD"}), True)])
        await session.warmed.wait()
        for number in range(buckets):
            opened_at = since + number * BASE.millis
            for symbol in (SYMBOL, "ETH-USD"):
                candle = a_candle(opened_at, 100.0 * 1.1 ** (number % 7), symbol=symbol)
                await exchange.script.put([CandleSeen(1 + number // 10, opened_at + 20_000, candle, False)])
            if number % 10 == 9:
                link = 2 + number // 10
                up = LinkUp(link, opened_at + 30_000, frozenset({SYMBOL, "ETH-USD"}), True)
                await exchange.script.put([LinkDown(link - 1, "reset"), up])
            await asyncio.sleep(0)
        await exchange.script.put([LinkDown(99, "last")])
        while not exchange.script.empty() or session._inbox:
            await asyncio.sleep(0.001)


async def test_a_replay_has_the_effects_of_the_session_twice_and_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    for run in ("first", "restarted"):
        witness, exchange = Witness(monkeypatch), FakeExchange()
        recorder = Recorder(tmp_path / run, "test", lambda *_: None)
        since = NOON if run == "first" else NOON + 60 * BASE.millis
        session = Session(exchange, store, WATCH, (SYMBOL, "ETH-USD"), FakeClock(since), lambda *_: None, recorder)
        await play(session, exchange, since, 40)
        monkeypatch.undo()

        for _ in range(2):
            replayed = RecordedSession(tmp_path / run)
            assert [effect_line(effect) for effect, _ in replayed.effects()] == witness.lines
        assert len(witness.lines) > 40
        assert bool(replayed.playback.restored) == (run == "restarted")
        store.restored = Restoration(restored(store), ())


def restored(store: MemoryStore) -> tuple[RestoredSeries, ...]:
    """What a store would give back: of each series all candles, and the newest snapshot."""
    found: dict[tuple[str, str], RestoredSeries] = {}
    for commit in store.commits:
        for series in commit.series:
            key = (commit.symbol, series.timeframe.value)
            by_opening = {candle.opened_at: candle for candle in found[key].candles} if key in found else {}
            by_opening.update({candle.opened_at: candle for candle in series.candles})
            candles = tuple(by_opening[at] for at in sorted(by_opening))
            found[key] = RestoredSeries(commit.symbol, series.timeframe, candles, series.snapshot)
    return tuple(found.values())


async def test_a_session_that_fails_has_recorded_what_it_failed_on(tmp_path: Path) -> None:
    store, exchange = MemoryStore(), FakeExchange()
    store.is_lost = True
    recorder = Recorder(tmp_path / "r", "test", lambda *_: None)
    session = Session(exchange, store, WATCH, (SYMBOL,), FakeClock(), lambda *_: None, recorder)
    up = LinkUp(1, NOON, frozenset({SYMBOL}), True)
    await exchange.script.put([up])

    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(10):
            await session.run()

    assert caught.group_contains(ClaimLost)
    playback = Playback(tmp_path / "r")
    assert next(playback.taken()).event == up


KILLED = """
import asyncio, sys
from pathlib import Path
from runtime.test_recording import Desk, some_events

async def main():
    desk = Desk(Path(sys.argv[1]))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(desk.recorder.run(), name="recorder")
        is_told = False
        while True:
            desk.recorder.take(some_events(200))
            await asyncio.sleep(0.001)
            if not is_told and desk.path.exists() and desk.path.stat().st_size > 4_000:
                is_told = True
                print("written", flush=True)

asyncio.run(main())
"""


def test_a_recording_whose_process_was_killed_replays_up_to_its_last_whole_record(tmp_path: Path) -> None:
    path = tmp_path / "r"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"written\n"
        finally:
            process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL

    playback = Playback(path)
    events = [(taken.event, taken.now) for taken in playback.taken()]

    assert len(events) > 1_000
    assert events == (some_events(200) * (len(events) // 200 + 1))[: len(events)]
    assert playback.is_cut
    assert playback.ending.endswith(f"{path}:{len(events) + 2}")
