"""Wild sessions of an engine, written to a file and replayed from it, give the same effects byte for byte."""

from pathlib import Path

import pytest

from core import session, venue
from livermore.app.recording import RecordedSession
from livermore.core.engine import Engine
from livermore.core.market.timeframe import Millis
from livermore.core.messages import Effect, Event
from livermore.runtime.recording_files import RecordingFiles, RecordingLimits, began_with
from livermore.runtime.recording_lines import Taken, effect_line


class Tape:
    """What the engines of venues are told, each event at an instant of its own, and the effects as lines."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: list[Taken] = []
        self.lines: list[bytes] = []
        taken, lines = self.taken, self.lines

        class TapedEngine(Engine):
            def handle(self, event: Event, now: Millis) -> tuple[Effect, ...]:
                taken.append(Taken(event, now + len(taken)))
                effects = super().handle(event, taken[-1].now)
                lines.extend(effect_line(effect) for effect in effects)
                return effects

        monkeypatch.setattr(venue, "Engine", TapedEngine)


@pytest.mark.parametrize("seed", range(5))
def test_breaks_losses_refusals_and_late_answers_are_replayed(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = Tape(monkeypatch)
    session.transcript(seed)
    watch = venue.Venue().watch
    files = RecordingFiles(tmp_path / "r", "test", RecordingLimits(file_bytes=20_000))
    files.write([began_with(watch, session.SYMBOLS, 0, 0)])
    for at in range(0, len(tape.taken), 300):
        files.write(tape.taken[at : at + 300])
    files.close("enough")

    replayed = RecordedSession(tmp_path / "r")

    assert [effect_line(effect) for effect, _ in replayed.effects()] == tape.lines
    assert replayed.event_count == len(tape.taken) > 500
    assert len(list(tmp_path.iterdir())) > 1
    kinds = {type(one.event).__name__ for one in tape.taken}
    assert kinds >= {"LinkUp", "LinkDown", "CandleSeen", "Heard", "CandlesFetched", "FetchRefused", "FramesLost"}
