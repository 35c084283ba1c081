"""Wild sessions of an engine, written to a file and replayed from it, give the same effects byte for byte."""

from pathlib import Path

import pytest

from core import session
from core.venue import Venue
from livermore.app.recording import RecordedSession
from livermore.core.market.timeframe import Millis
from livermore.core.messages import Effect, Event
from livermore.runtime.recording_files import RecordingFiles, RecordingLimits, began_with
from livermore.runtime.recording_lines import Taken, effect_line


class TapedVenue(Venue):
    """A venue that keeps what its engine was told."""

    taken: list[Taken]

    def tell(self, *events: Event, now: Millis = 0) -> list[Effect]:
        tape: list[Taken] = self.__dict__.setdefault("taken", [])
        instant = now + len(tape)
        tape.extend(Taken(event, instant) for event in events)
        return super().tell(*events, now=instant)


@pytest.mark.parametrize("seed", range(5))
def test_breaks_losses_refusals_and_late_answers_are_replayed(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venues: list[TapedVenue] = []

    def opened(symbols: tuple[str, ...]) -> TapedVenue:
        venues.append(TapedVenue(symbols))
        return venues[-1]

    monkeypatch.setattr(session, "Venue", opened)
    session.transcript(seed)
    (venue,) = venues
    files = RecordingFiles(tmp_path / "r", "test", RecordingLimits(file_bytes=20_000))
    files.write([began_with(venue.watch, session.SYMBOLS, 0, 0)])
    for at in range(0, len(venue.taken), 300):
        files.write(venue.taken[at : at + 300])
    files.close("enough")

    replayed = RecordedSession(tmp_path / "r")

    assert [effect_line(effect) for effect, _ in replayed.effects()] == [effect_line(one) for one in venue.effects]
    assert replayed.event_count == len(venue.taken) > 500
    assert len(list(tmp_path.iterdir())) > 1
    kinds = {type(one.event).__name__ for one in venue.taken}
    assert kinds >= {"LinkUp", "LinkDown", "CandleSeen", "Heard", "CandlesFetched", "FetchRefused", "FramesLost"}
