"""The status of an instance, which is also its claim; ``epoch`` comes first, because claim.lua writes it.

::

    {"epoch":4,"exchangeId":1,"exchangeName":"coinbase","instanceId":"0f3a…","connectionState":"active",
     "feedState":"live","connectedAt":1769093400000,"registeredAt":1769093300000,"lastHeartbeat":1769093700000,
     "lastStateChange":1769093400000,"symbolCount":100,"adminEmail":"ada@example.org","adminDisplayName":"Ada",
     "ipAddress":"192.0.2.7","hostname":"box","pid":4711,"version":"0.1.0","warmup":{"done":3,"total":500,"eta":9000},
     "lag":{"exchangeMs":120,"ownMs":3},"lastError":null,"lastErrorAt":null,"simulated":true,
     "processMark":"9c…/4026531836/81254","mode":"scalper-macdv","pausedBy":null,"pausedAt":null,
     "feedReasons":["2 of 100 symbols unconfirmed: ABC-USD, XYZ-USD"],
     "staleSymbols":[{"symbol":"ABC-USD","lastHeardAt":1769093000000}],"staleCount":1,
     "today":{"since":1769040000000,"candles":{"5m":14700},"alerts":{"fired":31},"corrections":2,"gaps":1,"repairs":0},
     "lags":{"exchange":{"count":9000,"p50":120,"p99":410,"longest":903},"own":null},
     "budgets":[{"host":"api.coinbase.com","used":212.0,"limit":600.0,"waiting":0,"limited":0}],"simulatedSpeed":60.0}
"""

import msgspec

from livermore.cache.codec.record import corrupt, decoded
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import (
    BudgetUse,
    FeedState,
    Lag,
    Lags,
    LagSpread,
    StaleSymbol,
    Status,
    Today,
    WarmupProgress,
)
from livermore.core.watch import Mode


class _WarmupRecord(msgspec.Struct):
    done: int
    total: int
    eta: int | None


class _LagRecord(msgspec.Struct, rename="camel"):
    exchange_ms: int
    own_ms: int


class _StaleRecord(msgspec.Struct, rename="camel"):
    symbol: str
    last_heard_at: int | None


class _TodayRecord(msgspec.Struct):
    since: int
    candles: dict[str, int]
    alerts: dict[str, int]
    corrections: int
    gaps: int
    repairs: int


class _SpreadRecord(msgspec.Struct):
    count: int
    p50: int
    p99: int
    longest: int


class _LagsRecord(msgspec.Struct):
    exchange: _SpreadRecord | None
    own: _SpreadRecord | None


class _BudgetRecord(msgspec.Struct):
    host: str
    used: float
    limit: float
    waiting: int
    limited: int


class _StatusRecord(msgspec.Struct, rename="camel"):
    epoch: int
    exchange_id: int
    exchange_name: str
    instance_id: str
    connection_state: str
    feed_state: str
    connected_at: int | None
    registered_at: int
    last_heartbeat: int
    last_state_change: int
    symbol_count: int
    admin_email: str | None
    admin_display_name: str | None
    ip_address: str | None
    hostname: str
    pid: int
    version: str
    warmup: _WarmupRecord | None
    lag: _LagRecord | None
    last_error: str | None
    last_error_at: int | None
    simulated: bool = False
    process_mark: str | None = None
    mode: str = Mode.SCALPER_MACDV.value
    paused_by: str | None = None
    paused_at: int | None = None
    feed_reasons: list[str] = []
    stale_symbols: list[_StaleRecord] = []
    stale_count: int = 0
    today: _TodayRecord | None = None
    lags: _LagsRecord | None = None
    budgets: list[_BudgetRecord] = []
    simulated_speed: float | None = None


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(_StatusRecord)


def encode_status(status: Status) -> bytes:
    """The status as JSON."""
    warmup, lag = status.warmup, status.lag
    return _encode(
        _StatusRecord(
            epoch=status.epoch,
            exchange_id=status.exchange_id,
            exchange_name=status.exchange_name,
            instance_id=status.instance_id,
            connection_state=status.connection_state.value,
            feed_state=status.feed_state.value,
            connected_at=status.connected_at,
            registered_at=status.registered_at,
            last_heartbeat=status.last_heartbeat,
            last_state_change=status.last_state_change,
            symbol_count=status.symbol_count,
            admin_email=status.admin_email,
            admin_display_name=status.admin_display_name,
            ip_address=status.ip_address,
            hostname=status.hostname,
            pid=status.pid,
            version=status.version,
            warmup=None if warmup is None else _WarmupRecord(warmup.done, warmup.total, warmup.eta),
            lag=None if lag is None else _LagRecord(lag.exchange_ms, lag.own_ms),
            last_error=status.last_error,
            last_error_at=status.last_error_at,
            simulated=status.is_simulated,
            process_mark=status.process_mark,
            mode=status.mode.value,
            paused_by=status.paused_by,
            paused_at=status.paused_at,
            feed_reasons=list(status.feed_reasons),
            stale_symbols=[_StaleRecord(one.symbol, one.last_heard_at) for one in status.stale_symbols],
            stale_count=status.stale_count,
            today=None if status.today is None else msgspec.convert(status.today, _TodayRecord, from_attributes=True),
            lags=None if status.lags is None else msgspec.convert(status.lags, _LagsRecord, from_attributes=True),
            budgets=msgspec.convert(status.budgets, list[_BudgetRecord], from_attributes=True),
            simulated_speed=status.simulated_speed,
        )
    )


def decode_status(raw: bytes, key: str) -> Status:
    """The status that `raw` spells.

    Raises:
        CorruptRecord: when it is none; the message names `key`.
    """
    record = decoded(_decoder, raw, key)
    try:
        return _status(record)
    except ValueError as exc:
        raise corrupt(key, str(exc), raw) from exc


def _status(record: _StatusRecord) -> Status:
    warmup, lag = record.warmup, record.lag
    return Status(
        exchange_id=record.exchange_id,
        exchange_name=record.exchange_name,
        instance_id=record.instance_id,
        epoch=record.epoch,
        connection_state=State(record.connection_state),
        feed_state=FeedState(record.feed_state),
        registered_at=record.registered_at,
        last_heartbeat=record.last_heartbeat,
        last_state_change=record.last_state_change,
        hostname=record.hostname,
        pid=record.pid,
        version=record.version,
        symbol_count=record.symbol_count,
        connected_at=record.connected_at,
        admin_email=record.admin_email,
        admin_display_name=record.admin_display_name,
        ip_address=record.ip_address,
        warmup=None if warmup is None else WarmupProgress(warmup.done, warmup.total, warmup.eta),
        lag=None if lag is None else Lag(lag.exchange_ms, lag.own_ms),
        last_error=record.last_error,
        last_error_at=record.last_error_at,
        is_simulated=record.simulated,
        process_mark=record.process_mark,
        mode=Mode(record.mode),
        paused_by=record.paused_by,
        paused_at=record.paused_at,
        feed_reasons=tuple(record.feed_reasons),
        stale_symbols=tuple(StaleSymbol(one.symbol, one.last_heard_at) for one in record.stale_symbols),
        stale_count=record.stale_count,
        today=None if record.today is None else Today(**msgspec.structs.asdict(record.today)),
        lags=None if record.lags is None else Lags(_spread(record.lags.exchange), _spread(record.lags.own)),
        budgets=tuple(BudgetUse(**msgspec.structs.asdict(one)) for one in record.budgets),
        simulated_speed=record.simulated_speed,
    )


def _spread(record: _SpreadRecord | None) -> LagSpread | None:
    return None if record is None else LagSpread(record.count, record.p50, record.p99, record.longest)
