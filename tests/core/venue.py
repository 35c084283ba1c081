"""An engine with an exchange around it: what it is told, what it asks, and a record of all that it did."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from core.builders import DAWN, STEP, SYMBOL
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.rules import Rules
from livermore.core.engine import Engine
from livermore.core.indicators.macdv import MacdV
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import (
    CandleSeen,
    CandlesFetched,
    Commit,
    Effect,
    Event,
    FetchCandles,
    FetchReason,
    Heard,
    LinkUp,
    PublishTicker,
    Report,
)
from livermore.core.restored import RestoredSeries
from livermore.core.symbol import RETRY_AFTER
from livermore.core.watch import AlertsOn, Watch

GRACE = 2 * SECOND
ROWS = 300


def quiet_candle(symbol: str, timeframe: Timeframe, opened_at: Millis) -> Candle:
    """A market that goes nowhere: around 100, in a range of 0.4."""
    close = 100.0 + (0.1 if opened_at // timeframe.millis % 2 else -0.1)
    return Candle(symbol, timeframe, opened_at, 100.0, 100.2, 99.8, close, 1.0, is_confirmed=True)


def quiet(order: FetchCandles) -> tuple[Candle, ...]:
    """An answer from a market that goes nowhere."""
    openings = range(order.since, order.until, order.timeframe.millis)
    return tuple(quiet_candle(order.symbol, order.timeframe, opened_at) for opened_at in openings)


class Venue:
    """An engine and the record of its effects."""

    def __init__(
        self,
        symbols: Iterable[str] = (SYMBOL,),
        *,
        lists_silence: bool = False,
        restored: Iterable[RestoredSeries] = (),
        rows: int = ROWS,
        alerts_on: AlertsOn = AlertsOn.CLOSED,
        repairs: bool = True,
    ) -> None:
        traits = ExchangeTraits(GRACE, rows, lists_silence)
        self.watch = Watch(COINBASE, traits, Rules(), is_simulated=True, alerts_on=alerts_on, repairs=repairs)
        self.engine = Engine(self.watch, symbols, restored)
        self.effects: list[Effect] = []
        self.pending: list[FetchCandles] = []
        self.verifications: list[FetchCandles] = []

    def tell(self, *events: Event, now: Millis = 0) -> list[Effect]:
        """Hand events to the engine; answers with what they brought about, wishes to verify set aside."""
        brought: list[Effect] = []
        for event in events:
            for effect in self.engine.handle(event, now):
                if isinstance(effect, FetchCandles) and effect.reason is FetchReason.VERIFY:
                    self.verifications.append(effect)
                else:
                    brought.append(effect)
        self.effects.extend(brought)
        self.pending.extend(effect for effect in brought if isinstance(effect, FetchCandles))
        return brought

    def up(self, at: Millis, *symbols: str, link: int = 1, proves_silence: bool = True) -> list[Effect]:
        return self.tell(LinkUp(link, at, frozenset(symbols or (SYMBOL,)), proves_silence))

    def see(self, candle: Candle, at: Millis | None = None, *, link: int = 1, final: bool = False) -> list[Effect]:
        """Tell of a candle; at the last second of its bucket unless an instant is named."""
        instant = candle.closes_at - SECOND if at is None else at
        return self.tell(CandleSeen(link, instant, candle, final))

    def hear(self, at: Millis, *, link: int = 1) -> list[Effect]:
        return self.tell(Heard(link, at))

    def answer(self, made: Callable[[FetchCandles], tuple[Candle, ...]] = quiet) -> list[Effect]:
        """Answer all that is asked, and what these answers bring up."""
        brought: list[Effect] = []
        for _ in range(20):
            if not self.pending:
                break
            order = self.pending.pop(0)
            brought.extend(self.tell(CandlesFetched(order, made(order))))
        return brought

    def has_no_history(self, at: Millis) -> None:
        """REST has nothing at all, which is believed when it is said twice; the connection is up since `at`."""
        self.answer(lambda order: ())
        self.hear(at + RETRY_AFTER)
        self.answer(lambda order: ())

    def commits(self, symbol: str = SYMBOL) -> list[Commit]:
        return [one for one in self.effects if isinstance(one, Commit) and one.symbol == symbol]

    def candles(self, timeframe: Timeframe = Timeframe.M5, symbol: str = SYMBOL) -> list[Candle]:
        """All that was committed of a series."""
        return [
            candle
            for commit in self.commits(symbol)
            for series in commit.series
            if series.timeframe is timeframe
            for candle in series.candles
        ]

    def alerts(self, symbol: str = SYMBOL) -> list[Alert]:
        return [alert for commit in self.commits(symbol) for alert in commit.alerts]

    def reports(self) -> list[str]:
        return [effect.kind for effect in self.effects if isinstance(effect, Report)]

    def tickers(self) -> list[PublishTicker]:
        return [effect for effect in self.effects if isinstance(effect, PublishTicker)]


def orders_in(effects: Iterable[Effect]) -> list[tuple[Timeframe, int, int, FetchReason]]:
    """What was asked, with openings as numbers since dawn."""
    return [
        (
            one.timeframe,
            (one.since - DAWN) // one.timeframe.millis,
            (one.until - DAWN) // one.timeframe.millis,
            one.reason,
        )
        for one in effects
        if isinstance(one, FetchCandles)
    ]


def warmed(at: Millis = DAWN + 10 * SECOND, *, proves_silence: bool = True, **options: Any) -> Venue:
    """A venue whose history of a quiet market is complete and whose feed has been up since `at`."""
    venue = Venue(**options)
    venue.up(at, proves_silence=proves_silence)
    venue.answer()
    return venue


class Ledger:
    """A series as its commits tell it: each candle the next one, or a better word on an earlier one."""

    def __init__(self) -> None:
        self.candles: list[Candle] = []
        self.fold = MacdV()

    def take(self, changed: Iterable[Candle]) -> None:
        for candle in changed:
            if not self.candles or candle.opened_at == self.candles[-1].closes_at:
                self.candles.append(candle)
                self.fold.step(candle.high, candle.low, candle.close, candle.is_empty)
            else:
                self.replace(candle)

    def replace(self, candle: Candle) -> None:
        index = (candle.opened_at - self.candles[0].opened_at) // candle.timeframe.millis
        held = self.candles[index]
        assert held.opened_at == candle.opened_at
        assert (candle.revision, candle.is_confirmed) > (held.revision, held.is_confirmed), "no candle comes twice"
        self.candles[index] = candle
        self.fold = MacdV()
        for one in self.candles:
            self.fold.step(one.high, one.low, one.close, one.is_empty)


def check_commits(commits: Iterable[Commit]) -> None:
    """What holds of every sequence of commits: no hole, nothing twice, and each stands where its candles lead."""
    ledgers: dict[tuple[str, Timeframe], Ledger] = {}
    seen: set[str] = set()
    for commit in commits:
        for change in commit.series:
            ledger = ledgers.setdefault((commit.symbol, change.timeframe), Ledger())
            ledger.take(change.candles)
            candles = ledger.candles
            assert all(after.opened_at == before.closes_at for before, after in pairwise(candles[-400:]))
            assert (change.snapshot.started_at, change.snapshot.last_opened_at) == (
                candles[0].opened_at,
                candles[-1].opened_at,
            )
            assert change.snapshot.indicator == ledger.fold.state()
            assert change.reading == ledger.fold.reading(candles[-1])
        for alert in commit.alerts:
            assert (alert.id in seen) == (alert.status in (AlertStatus.AMENDED, AlertStatus.RETRACTED))
            changed = {change.timeframe: change for change in commit.series}[alert.timeframe]
            if alert.id not in seen:
                # As a rule with it; before it where a correction of an earlier candle raises what had not come true.
                ledger = ledgers[commit.symbol, alert.timeframe]
                assert alert.opened_at in {candle.opened_at for candle in ledger.candles}
            assert changed.snapshot.watched_since < alert.closes_at
            own = {view.timeframe: view for view in alert.timeframes}[alert.timeframe]
            # What is taken back is told with the number it was told with; the views are as they are known now.
            if alert.status is not AlertStatus.RETRACTED:
                assert (own.value, own.stage) == (alert.value, alert.stage)
            # What was taken back may be raised again.
            (seen.discard if alert.status is AlertStatus.RETRACTED else seen.add)(alert.id)


def confirmed(candle: Candle) -> Candle:
    return replace(candle, is_confirmed=True)


def numbers(candles: Iterable[Candle], step: int = STEP) -> list[int]:
    """The openings as numbers since dawn."""
    return [(candle.opened_at - DAWN) // step for candle in candles]
