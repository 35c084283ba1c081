"""The newest reading of a series and the state to resume from, as one value.

Before the indicator is seeded, and where it is undefined, ``value`` is null; ``state`` is always there. What is shown
on the channel is the same value without its state::

    {"timestamp":1769093400000,"closeTime":1769093700000,"type":"macd-v","symbol":"ZEC-USD","timeframe":"5m",
     "value":{"macdV":61.2,"signal":55.0,"histogram":6.2,"fastEMA":357.1,"slowEMA":355.9,"atr":1.96},
     "price":358.16,"stage":"rallying",
     "quality":{"candles":300,"convergence":2.1e-05,"emptyRatio":0.0,"isConfirmed":true},
     "state":{"startedAt":1769003400000,"lastOpenedAt":1769093400000,"watchedSince":1769093100000,
      "indicator":{"candles":300,"observed":300,"readings":275,"calm":0,"close":358.16,"ema12":357.1,"ema26":355.9,
       "atr26":1.96,"value":61.2,"signal":55.0,"isDefined":true},
      "memory":[{"label":"level_150","closedAt":1769080000000,"isArmed":false}],
      "keptSince":1769003400000,"tail":{"indicator":{"candles":0,…},"memory":[]}}}

Only a series that has gone by other rules than the original ones says by which, in its state, the present ones last::

    "eras":[{"until":1769090000000,"alertsOn":"closed","firstLevel":150,"levelStep":50,"hysteresis":10.0,
             "oversoldBuffer":0.05,"overboughtBuffer":0.03,"shortestCooldown":300000,"candlesNeeded":60},
            {"until":null,"alertsOn":"confirmed",…}]
"""

from dataclasses import dataclass
from typing import Literal

import msgspec

from livermore.cache.codec.record import corrupt, decoded
from livermore.core.alerts.rules import Rules
from livermore.core.indicators.macdv import MacdV
from livermore.core.indicators.reading import Quality, Reading, Stage
from livermore.core.market.timeframe import Timeframe, timeframe_named
from livermore.core.messages import SeriesCommit
from livermore.core.snapshot import Fired, IndicatorState, SeriesSnapshot, Tail
from livermore.core.watch import AlertsOn, Era
from livermore.errors import UnknownTimeframe


class _ValueRecord(msgspec.Struct, gc=False):
    macd_v: float = msgspec.field(name="macdV")
    signal: float | None
    histogram: float | None
    fast_ema: float = msgspec.field(name="fastEMA")
    slow_ema: float = msgspec.field(name="slowEMA")
    atr: float


class _QualityRecord(msgspec.Struct, rename="camel", gc=False):
    candles: int
    convergence: float
    empty_ratio: float
    is_confirmed: bool


class _PointRecord(msgspec.Struct, rename="camel", gc=False):
    timestamp: int
    close_time: int
    type: Literal["macd-v"]
    symbol: str
    timeframe: str
    value: _ValueRecord | None
    price: float
    stage: str
    quality: _QualityRecord


class _IndicatorRecord(msgspec.Struct, rename="camel", gc=False):
    candles: int
    observed: int
    readings: int
    calm: int
    close: float
    ema12: float
    ema26: float
    atr26: float
    value: float | None
    signal: float
    is_defined: bool


class _FiredRecord(msgspec.Struct, rename="camel", gc=False):
    label: str
    closed_at: int
    is_armed: bool


class _TailRecord(msgspec.Struct, rename="camel", gc=False):
    indicator: _IndicatorRecord
    memory: list[_FiredRecord]


class _EraRecord(msgspec.Struct, rename="camel", gc=False):
    until: int | None
    alerts_on: str
    first_level: int
    level_step: int
    hysteresis: float
    oversold_buffer: float
    overbought_buffer: float
    shortest_cooldown: int
    candles_needed: int


class _StateRecord(msgspec.Struct, rename="camel", gc=False, omit_defaults=True):
    started_at: int
    last_opened_at: int
    watched_since: int
    indicator: _IndicatorRecord
    memory: list[_FiredRecord]
    kept_since: int
    tail: _TailRecord
    eras: list[_EraRecord] = []


class _StoredRecord(_PointRecord, rename="camel"):
    state: _StateRecord


_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class StoredIndicator:
    """What the value of an indicator key says; `reading` is None where the indicator is not defined."""

    symbol: str
    timeframe: Timeframe
    reading: Reading | None
    snapshot: SeriesSnapshot
    eras: tuple[Era, ...] = ()


_encode = msgspec.json.Encoder().encode
_point = msgspec.json.Decoder(_PointRecord)
_stored = msgspec.json.Decoder(_StoredRecord)


def encode_indicator(symbol: str, series: SeriesCommit) -> tuple[bytes, bytes]:
    """The value for the channel, and the state as JSON by itself; `joined` makes of them what is stored."""
    reading = series.reading
    point = _point_without_value(symbol, series) if reading is None else _point_of(reading)
    return _encode(point), _encode(_state_record(series.snapshot, series.eras))


def joined(point: bytes, state: bytes) -> bytes:
    """The value to store: the point with its state inside; commit.lua does the same."""
    return point[:-1] + b',"state":' + state + b"}"


def decode_reading(raw: bytes, key: str) -> Reading | None:
    """The reading of a stored or shown value, or None where the indicator is not defined.

    Raises:
        CorruptRecord: when it is not an indicator value; the message names `key`.
    """
    return _reading(decoded(_point, raw, key), key)


def without_state(raw: bytes) -> bytes:
    """What is shown on the channel of a stored value that is known to be ours."""
    fields = _fields.decode(raw)
    fields.pop("state", None)
    return msgspec.json.encode(fields)


def decode_indicator(raw: bytes, key: str) -> StoredIndicator:
    """All that a stored value says.

    Raises:
        CorruptRecord: when it is not an indicator value with its state; the message names `key`.
    """
    record = decoded(_stored, raw, key)
    snapshot = _snapshot(record.state)
    if snapshot.last_opened_at != record.timestamp:
        raise corrupt(key, "the state is of another candle than the value", raw)
    eras = _eras(record.state.eras, key)
    return StoredIndicator(record.symbol, _timeframe(record, key), _reading(record, key), snapshot, eras)


def _point_of(reading: Reading) -> _PointRecord:
    quality = reading.quality
    return _PointRecord(
        reading.opened_at,
        reading.closes_at,
        "macd-v",
        reading.symbol,
        reading.timeframe,
        _ValueRecord(reading.value, reading.signal, reading.histogram, reading.ema12, reading.ema26, reading.atr26),
        reading.price,
        reading.stage,
        _QualityRecord(quality.candles, quality.convergence, quality.empty_ratio, quality.is_confirmed),
    )


def _point_without_value(symbol: str, series: SeriesCommit) -> _PointRecord:
    snapshot = series.snapshot
    newest = series.candles[-1] if series.candles else None
    is_confirmed = newest is not None and newest.opened_at == snapshot.last_opened_at and newest.is_confirmed
    quality = MacdV.resumed(snapshot.indicator).quality(is_confirmed=is_confirmed)
    return _PointRecord(
        snapshot.last_opened_at,
        snapshot.last_opened_at + series.timeframe.millis,
        "macd-v",
        symbol,
        series.timeframe,
        None,
        snapshot.indicator.close,
        Stage.UNKNOWN,
        _QualityRecord(quality.candles, quality.convergence, quality.empty_ratio, quality.is_confirmed),
    )


def _state_record(snapshot: SeriesSnapshot, eras: tuple[Era, ...]) -> _StateRecord:
    tail = snapshot.tail
    return _StateRecord(
        snapshot.started_at,
        snapshot.last_opened_at,
        snapshot.watched_since,
        _indicator_record(snapshot.indicator),
        _memory_record(snapshot.memory),
        snapshot.kept_since,
        _TailRecord(_indicator_record(tail.indicator), _memory_record(tail.memory)),
        [_era_record(era) for era in eras],
    )


def _era_record(era: Era) -> _EraRecord:
    rules = era.rules
    return _EraRecord(
        era.until,
        era.alerts_on.value,
        rules.first_level,
        rules.level_step,
        rules.hysteresis,
        rules.oversold_buffer,
        rules.overbought_buffer,
        rules.shortest_cooldown,
        rules.candles_needed,
    )


def _eras(records: list[_EraRecord], key: str) -> tuple[Era, ...]:
    try:
        return tuple(
            Era(
                Rules(
                    each.first_level,
                    each.level_step,
                    each.hysteresis,
                    each.oversold_buffer,
                    each.overbought_buffer,
                    each.shortest_cooldown,
                    each.candles_needed,
                ),
                AlertsOn(each.alerts_on),
                each.until,
            )
            for each in records
        )
    except ValueError as exc:
        raise corrupt(key, str(exc)) from exc


def _indicator_record(state: IndicatorState) -> _IndicatorRecord:
    return _IndicatorRecord(
        state.candles,
        state.observed,
        state.readings,
        state.calm,
        state.close,
        state.ema12,
        state.ema26,
        state.atr26,
        state.value,
        state.signal,
        state.is_defined,
    )


def _memory_record(memory: tuple[Fired, ...]) -> list[_FiredRecord]:
    return [_FiredRecord(fired.label, fired.closed_at, fired.is_armed) for fired in memory]


def _snapshot(record: _StateRecord) -> SeriesSnapshot:
    return SeriesSnapshot(
        record.started_at,
        record.last_opened_at,
        record.watched_since,
        _indicator(record.indicator),
        _memory(record.memory),
        record.kept_since,
        Tail(_indicator(record.tail.indicator), _memory(record.tail.memory)),
    )


def _indicator(record: _IndicatorRecord) -> IndicatorState:
    return IndicatorState(
        record.candles,
        record.observed,
        record.readings,
        record.calm,
        record.close,
        record.ema12,
        record.ema26,
        record.atr26,
        record.value,
        record.signal,
        record.is_defined,
    )


def _memory(records: list[_FiredRecord]) -> tuple[Fired, ...]:
    return tuple(Fired(fired.label, fired.closed_at, fired.is_armed) for fired in records)


def _timeframe(record: _PointRecord, key: str) -> Timeframe:
    try:
        return timeframe_named(record.timeframe)
    except UnknownTimeframe as exc:
        raise corrupt(key, str(exc)) from exc


def _reading(record: _PointRecord, key: str) -> Reading | None:
    value, quality = record.value, record.quality
    timeframe = _timeframe(record, key)
    if value is None:
        return None
    try:
        stage = Stage(record.stage)
    except ValueError as exc:
        raise corrupt(key, str(exc)) from exc
    return Reading(
        record.symbol,
        timeframe,
        record.timestamp,
        record.price,
        value.fast_ema,
        value.slow_ema,
        value.atr,
        value.macd_v,
        value.signal,
        value.histogram,
        stage,
        Quality(quality.candles, quality.convergence, quality.empty_ratio, quality.is_confirmed),
    )
