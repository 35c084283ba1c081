"""A recorded session through a fresh engine: the effects that it had, byte for byte."""

from collections.abc import Iterator
from pathlib import Path

from livermore import __version__
from livermore.core.alerts.alert import Alert
from livermore.core.engine import Engine
from livermore.core.market.exchange import exchange_named
from livermore.core.market.timeframe import Millis
from livermore.core.messages import Commit, Effect
from livermore.errors import InvalidRequest, LivermoreError
from livermore.runtime.recording_playback import Playback


class RecordedSession:
    """A recording and the engine it is played to; `effects` or `alerts` walks through it once.

    After that `event_count`, `first_at` and `last_at` (our clock of then) say what was played, and `playback` how the
    recording ended.

    Raises:
        UnknownExchange: when the recording is of an exchange that is not known here.
        InvalidRequest: when it cannot be read, or is none.
    """

    def __init__(self, path: Path) -> None:
        self.playback = Playback(path)
        began = self.playback.began
        self.exchange = exchange_named(began.watch.exchange.name)
        self.event_count = 0
        self.first_at: Millis | None = None
        self.last_at: Millis | None = None
        self._path = path
        self._engine = Engine(began.watch, began.symbols, self.playback.restored)

    @property
    def caution(self) -> str | None:
        """Why the replay may differ from what was seen then; None where it may not."""
        began = self.playback.began
        if began.watch.rules.version != began.rule_version:
            return f"its rules were {began.rule_version} and are called {began.watch.rules.version} now"
        if self.playback.livermore != __version__:
            return f"it was recorded by livermore {self.playback.livermore}, this is {__version__}"
        return None

    def effects(self) -> Iterator[tuple[Effect, Millis]]:
        """Each effect in its order, with the instant at which the event that brought it about was received.

        Raises:
            InvalidRequest: at the line, or the range of bytes, that cannot be read or that no engine can take.
        """
        for taken in self.playback.taken():
            try:
                effects = self._engine.handle(taken.event, taken.now)
            except (LivermoreError, ValueError, ArithmeticError, LookupError) as exc:
                number = self.event_count + 1
                raise InvalidRequest(f"{self._path}: the engine cannot take event {number}: {exc!r}") from exc
            self.event_count += 1
            self.first_at = taken.now if self.first_at is None else self.first_at
            self.last_at = taken.now
            for effect in effects:
                yield effect, taken.now

    def alerts(self) -> Iterator[Alert]:
        """Each alert in its order; it counts as computed when it was received, as nobody computes it here in time.

        Raises:
            InvalidRequest: as `effects`.
        """
        for effect, now in self.effects():
            if isinstance(effect, Commit):
                yield from (alert.stamped(computed=now) for alert in effect.alerts)
