"""Alerts as rows of the ledger, there and back; prices lose no digit on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from psycopg.types.json import Jsonb

from livermore.core.alerts.alert import Alert, AlertStatus, AlertTimes, Bias, Direction, TimeframeView
from livermore.core.indicators.reading import Quality, Stage
from livermore.core.market.exchange import WATCHED
from livermore.core.market.timeframe import Millis, timeframe_named
from livermore.errors import CorruptRecord, UnknownTimeframe

_EXCHANGES: Final = {exchange.id: exchange for exchange in WATCHED}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something was said: the epoch of the instance, then the place in its stream (``1769093702020-0``)."""

    epoch: int
    stream_ms: Millis
    stream_seq: int

    @property
    def stream_id(self) -> str:
        """The id of the entry in the stream."""
        return f"{self.stream_ms}-{self.stream_seq}"


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One row of the ledger; `timeframes`, `quality` and `times` are spelled as in the stream."""

    id: str
    exchange_id: int
    symbol: str
    timeframe: str
    open_time: Millis
    close_time: Millis
    label: str
    direction: str
    value: float
    previous_value: float
    signal: float | None
    histogram: float | None
    price: Decimal
    stage: str
    bias: str
    timeframes: list[Any]
    quality: dict[str, Any]
    times: dict[str, Any]
    rule_version: str
    status: str
    is_simulated: bool
    epoch: int
    stream_ms: Millis
    stream_seq: int
    revision: int
    ledgered_at: Millis

    @property
    def place(self) -> Place:
        """Where it was said."""
        return Place(self.epoch, self.stream_ms, self.stream_seq)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An alert in the ledger: what was said last, where, how often it was revised, and when that reached us."""

    alert: Alert
    place: Place
    revision: int
    ledgered_at: Millis


def entry_of(row: AlertRow) -> LedgerEntry:
    """The entry that the row holds.

    Raises:
        CorruptRecord: when somebody else wrote what we do not understand.
    """
    try:
        return LedgerEntry(_alert(row), row.place, row.revision, row.ledgered_at)
    except (KeyError, TypeError, ValueError, UnknownTimeframe) as exc:
        raise CorruptRecord(f"alert {row.id} in the ledger is not ours ({exc!r})", id=row.id) from exc


def _alert(row: AlertRow) -> Alert:
    quality, times = row.quality, row.times
    return Alert(
        id=row.id,
        exchange=_EXCHANGES[row.exchange_id],
        is_simulated=row.is_simulated,
        symbol=row.symbol,
        timeframe=timeframe_named(row.timeframe),
        opened_at=row.open_time,
        label=row.label,
        direction=Direction(row.direction),
        value=row.value,
        previous_value=row.previous_value,
        signal=row.signal,
        histogram=row.histogram,
        price=float(row.price),
        stage=Stage(row.stage),
        timeframes=tuple(
            TimeframeView(timeframe_named(view["timeframe"]), view["value"], Stage(view["stage"]))
            for view in row.timeframes
        ),
        bias=Bias(row.bias),
        quality=Quality(
            quality["candles"], float(quality["convergence"]), float(quality["emptyRatio"]), quality["isConfirmed"]
        ),
        times=AlertTimes(times["close"], times["received"], times["computed"], times["committed"]),
        rule_version=row.rule_version,
        status=AlertStatus(row.status),
    )


def parameters_of(alert: Alert, place: Place, at: Millis) -> Mapping[str, object]:
    """What the statements of the ledger are given of an alert."""
    quality, times = alert.quality, alert.times
    return {
        "id": alert.id,
        "exchange_id": alert.exchange.id,
        "symbol": alert.symbol,
        "timeframe": alert.timeframe,
        "open_time": alert.opened_at,
        "close_time": alert.closes_at,
        "label": alert.label,
        "direction": alert.direction,
        "value": alert.value,
        "previous_value": alert.previous_value,
        "signal": alert.signal,
        "histogram": alert.histogram,
        "price": Decimal(repr(alert.price)),
        "stage": alert.stage,
        "bias": alert.bias,
        "timeframes": Jsonb(
            [{"timeframe": view.timeframe, "value": view.value, "stage": view.stage} for view in alert.timeframes]
        ),
        "quality": Jsonb(
            {
                "candles": quality.candles,
                "convergence": quality.convergence,
                "emptyRatio": quality.empty_ratio,
                "isConfirmed": quality.is_confirmed,
            }
        ),
        "times": Jsonb(
            {
                "close": times.close,
                "received": times.received,
                "computed": times.computed,
                "committed": times.committed,
            }
        ),
        "rule_version": alert.rule_version,
        "status": alert.status,
        "is_simulated": alert.is_simulated,
        "epoch": place.epoch,
        "stream_ms": place.stream_ms,
        "stream_seq": place.stream_seq,
        "ledgered_at": at,
    }
