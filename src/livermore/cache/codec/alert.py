"""The alert in the stream, on its channel and wherever else it is shown.

Times are Millis UTC; ``simulated`` stands only where it is true::

    {"id":"5b0c…","exchangeId":1,"exchangeName":"coinbase","symbol":"ZEC-USD","timeframe":"5m",
     "openTime":1769093400000,"closeTime":1769093700000,"label":"level_150","direction":"up","value":151.2,
     "previousValue":148.0,"signal":120.5,"histogram":30.7,"price":358.16,"stage":"overbought",
     "timeframes":[{"timeframe":"5m","value":151.2,"stage":"overbought"}],"bias":"bearish",
     "quality":{"candles":300,"convergence":2.1e-05,"emptyRatio":0.0,"isConfirmed":false},
     "times":{"close":1769093700000,"received":1769093702013,"computed":1769093702014,"committed":1769093702020},
     "ruleVersion":"macdv-1-0a1b2c3d","status":"fired"}
"""

import msgspec

from livermore.cache.codec.record import corrupt, decoded
from livermore.core.alerts.alert import Alert, AlertStatus, AlertTimes, Bias, Direction, TimeframeView
from livermore.core.indicators.reading import Quality, Stage
from livermore.core.market.exchange import exchange_named
from livermore.core.market.timeframe import Millis, timeframe_named
from livermore.errors import UnknownExchange, UnknownTimeframe


class _ViewRecord(msgspec.Struct, gc=False):
    timeframe: str
    value: float | None
    stage: str


class _QualityRecord(msgspec.Struct, rename="camel", gc=False):
    candles: int
    convergence: float
    empty_ratio: float
    is_confirmed: bool


class _TimesRecord(msgspec.Struct, gc=False):
    close: int
    received: int
    computed: int | None
    committed: int | None


class _AlertRecord(msgspec.Struct, rename="camel", omit_defaults=True):
    id: str
    exchange_id: int
    exchange_name: str
    symbol: str
    timeframe: str
    open_time: int
    close_time: int
    label: str
    direction: str
    value: float
    previous_value: float
    signal: float | None
    histogram: float | None
    price: float
    stage: str
    timeframes: list[_ViewRecord]
    bias: str
    quality: _QualityRecord
    times: _TimesRecord
    rule_version: str
    status: str
    simulated: bool = False


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(_AlertRecord)


def encode_alert(alert: Alert, committed_at: Millis | None = None) -> bytes:
    """The alert as JSON, stamped as committed at that instant where one is given."""
    quality, times = alert.quality, alert.times
    return _encode(
        _AlertRecord(
            alert.id,
            alert.exchange.id,
            alert.exchange.name,
            alert.symbol,
            alert.timeframe,
            alert.opened_at,
            alert.closes_at,
            alert.label,
            alert.direction,
            alert.value,
            alert.previous_value,
            alert.signal,
            alert.histogram,
            alert.price,
            alert.stage,
            [_ViewRecord(view.timeframe, view.value, view.stage) for view in alert.timeframes],
            alert.bias,
            _QualityRecord(quality.candles, quality.convergence, quality.empty_ratio, quality.is_confirmed),
            _TimesRecord(
                times.close, times.received, times.computed, times.committed if committed_at is None else committed_at
            ),
            alert.rule_version,
            alert.status,
            alert.is_simulated,
        )
    )


def decode_alert(raw: bytes, key: str) -> Alert:
    """The alert that `raw` spells.

    Raises:
        CorruptRecord: when it is none; the message names `key`.
    """
    record = decoded(_decoder, raw, key)
    try:
        return _alert(record)
    except (UnknownExchange, UnknownTimeframe, ValueError) as exc:
        raise corrupt(key, str(exc), raw) from exc


def _alert(record: _AlertRecord) -> Alert:
    quality, times = record.quality, record.times
    exchange = exchange_named(record.exchange_name)
    if exchange.id != record.exchange_id:
        raise ValueError(f"exchange {record.exchange_id} is not {record.exchange_name}")
    return Alert(
        id=record.id,
        exchange=exchange,
        is_simulated=record.simulated,
        symbol=record.symbol,
        timeframe=timeframe_named(record.timeframe),
        opened_at=record.open_time,
        label=record.label,
        direction=Direction(record.direction),
        value=record.value,
        previous_value=record.previous_value,
        signal=record.signal,
        histogram=record.histogram,
        price=record.price,
        stage=Stage(record.stage),
        timeframes=tuple(
            TimeframeView(timeframe_named(view.timeframe), view.value, Stage(view.stage)) for view in record.timeframes
        ),
        bias=Bias(record.bias),
        quality=Quality(quality.candles, quality.convergence, quality.empty_ratio, quality.is_confirmed),
        times=AlertTimes(times.close, times.received, times.computed, times.committed),
        rule_version=record.rule_version,
        status=AlertStatus(record.status),
    )
