"""What is written is what is read, bit for bit, and what is not ours is named."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.examples import a_candle, a_commit, a_status, alerts, an_alert, candles, commits, instants, points, symbols
from livermore.cache.codec.alert import decode_alert, encode_alert
from livermore.cache.codec.candle import decode_candle, decode_candles, encode_candle
from livermore.cache.codec.indicator import decode_indicator, decode_reading, encode_indicator, joined
from livermore.cache.codec.status import decode_status, encode_status
from livermore.cache.codec.ticker import decode_ticker, encode_ticker
from livermore.core.alerts.alert import Alert
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import BudgetUse, Lag, Lags, LagSpread, Today, WarmupProgress
from livermore.core.market.candle import Candle
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import Commit
from livermore.errors import CorruptRecord

numbers = st.none() | points
tickers = st.builds(Ticker, symbols, instants, points, numbers, numbers, numbers, numbers, numbers, numbers, numbers)


@given(candles("BTC-USD", Timeframe.M15, 900_000))
def test_a_candle_survives_its_spelling(candle: Candle) -> None:
    assert repr(decode_candle(encode_candle(candle), "k")) == repr(candle)


@given(commits())
def test_a_reading_and_its_state_survive_their_spelling(commit: Commit) -> None:
    for series in commit.series:
        point, state = encode_indicator(commit.symbol, series)

        stored = decode_indicator(joined(point, state), "k")

        assert repr((stored.reading, stored.snapshot)) == repr((series.reading, series.snapshot))
        assert stored.eras == series.eras
        assert (b'"eras"' in state) == bool(series.eras), "the original rules need no word"
        assert repr(decode_reading(point, "k")) == repr(series.reading)
        assert (stored.symbol, stored.timeframe) == (commit.symbol, series.timeframe)


@given(alerts())
def test_an_alert_survives_its_spelling(alert: Alert) -> None:
    assert repr(decode_alert(encode_alert(alert), "k")) == repr(alert)


@given(tickers)
def test_a_ticker_survives_its_spelling(ticker: Ticker) -> None:
    assert repr(decode_ticker(encode_ticker(ticker), "k")) == repr(ticker)


@pytest.mark.parametrize("state", State)
def test_a_status_survives_its_spelling(state: State) -> None:
    status = replace(
        a_status(state=state),
        warmup=WarmupProgress(3, 10, None),
        lag=Lag(120, 3),
        is_simulated=True,
        today=Today(5, {"5m": 3}, {"fired": 1}, 1, 2, 3),
        lags=Lags(LagSpread(4, 1, 2, 3), None),
        budgets=(BudgetUse("api.example.org", 1.5, 600.0, 2, 0),),
        simulated_speed=60.0,
    )

    assert decode_status(encode_status(status), "k") == status
    assert decode_status(encode_status(a_status()), "k") == a_status()


def test_a_candle_names_its_flags_only_where_they_are_raised() -> None:
    plain = json.loads(encode_candle(a_candle(0)))
    flagged = json.loads(encode_candle(a_candle(0, is_confirmed=True, revision=2)))

    assert list(plain) == ["timestamp", "open", "high", "low", "close", "volume", "symbol", "timeframe"]
    assert flagged["isConfirmed"] is True
    assert flagged["revision"] == 2


def test_an_indicator_has_the_fields_that_partners_read() -> None:
    commit = a_commit([a_candle(60)])
    point, state = encode_indicator(commit.symbol, commit.series[0])
    record = json.loads(joined(point, state))

    assert set(record) == {
        "timestamp", "closeTime", "type", "symbol", "timeframe", "value", "price", "stage", "quality", "state"
    }  # fmt: skip
    assert set(record["value"]) == {"macdV", "signal", "histogram", "fastEMA", "slowEMA", "atr"}
    assert set(record["quality"]) == {"candles", "convergence", "emptyRatio", "isConfirmed"}
    state = {"startedAt", "lastOpenedAt", "watchedSince", "indicator", "memory", "keptSince", "tail"}
    assert set(record["state"]) == state
    assert json.loads(point) == {name: value for name, value in record.items() if name != "state"}


def test_before_the_seed_there_is_no_value_but_a_state() -> None:
    commit = a_commit([a_candle(3)], seeded=4)
    point, state = encode_indicator(commit.symbol, commit.series[0])
    record = json.loads(joined(point, state))

    assert record["value"] is None
    assert record["stage"] == "unknown"
    assert record["quality"]["candles"] == 4
    assert record["state"]["indicator"]["candles"] == 4


def test_an_alert_has_the_fields_of_the_contract() -> None:
    record = json.loads(encode_alert(an_alert(a_candle(0)), 77))

    assert list(record) == [
        "id", "exchangeId", "exchangeName", "symbol", "timeframe", "openTime", "closeTime", "label", "direction",
        "value", "previousValue", "signal", "histogram", "price", "stage", "timeframes", "bias", "quality", "times",
        "ruleVersion", "status",
    ]  # fmt: skip
    assert record["times"]["committed"] == 77
    assert set(record["times"]) == {"close", "received", "computed", "committed"}


def test_only_a_simulated_alert_says_that_it_is() -> None:
    assert json.loads(encode_alert(replace(an_alert(a_candle(0)), is_simulated=True)))["simulated"] is True


def test_a_status_has_every_field_of_the_contract() -> None:
    assert set(json.loads(encode_status(a_status()))) == {
        "exchangeId", "exchangeName", "instanceId", "epoch", "connectionState", "feedState", "connectedAt",
        "registeredAt", "lastHeartbeat", "lastStateChange", "symbolCount", "adminEmail", "adminDisplayName",
        "ipAddress", "hostname", "pid", "version", "warmup", "lag", "lastError", "lastErrorAt", "simulated",
        "processMark", "mode", "pausedBy", "pausedAt", "feedReasons", "staleSymbols", "staleCount", "today",
        "lags", "budgets", "simulatedSpeed",
    }  # fmt: skip


def test_a_ticker_leaves_out_what_the_exchange_does_not_send() -> None:
    assert json.loads(encode_ticker(Ticker("A-B", 5, 1.5, bid=1.25))) == {
        "symbol": "A-B",
        "price": 1.5,
        "bid": 1.25,
        "timestamp": 5,
    }


@pytest.mark.parametrize(
    "decode", [decode_candle, decode_indicator, decode_reading, decode_alert, decode_ticker, decode_status]
)
@given(raw=st.binary(max_size=200))
def test_whatever_else_is_found_is_named_by_its_key(decode: Callable[[bytes, str], object], raw: bytes) -> None:
    with pytest.raises(CorruptRecord, match="some:key"):
        decode(raw, "some:key")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(b'"5m"', b'"7m"'), (b'"high":101.0', b'"high":1.0'), (b'"open":100.0', b'"open":"x"'), (b'"close"', b'"cloze"')],
)
def test_a_candle_that_contradicts_itself_is_not_ours(right: bytes, wrong: bytes) -> None:
    raw = encode_candle(a_candle(0)).replace(right, wrong)

    with pytest.raises(CorruptRecord, match="some:key"):
        decode_candle(raw, "some:key")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b'"coinbase"', b'"mtgox"'),
        (b'"exchangeId":1', b'"exchangeId":2'),
        (b'"up"', b'"sideways"'),
        (b'"fired"', b'"gone"'),
        (b'"5m"', b'"7m"'),
    ],
)
def test_an_alert_with_a_word_we_do_not_know_is_not_ours(right: bytes, wrong: bytes) -> None:
    raw = encode_alert(an_alert(a_candle(0))).replace(right, wrong)

    with pytest.raises(CorruptRecord, match="some:key"):
        decode_alert(raw, "some:key")


def test_an_indicator_whose_state_is_of_another_candle_is_not_ours() -> None:
    commit = a_commit([a_candle(60)])
    point, state = encode_indicator(commit.symbol, commit.series[0])
    other = state.replace(b'"lastOpenedAt":', b'"lastOpenedAt":1')

    with pytest.raises(CorruptRecord, match="another candle"):
        decode_indicator(joined(point, other), "k")


def test_a_member_that_smuggles_in_a_second_candle_is_not_ours() -> None:
    two = encode_candle(a_candle(0)) + b"," + encode_candle(a_candle(1))

    with pytest.raises(CorruptRecord, match="more than one"):
        decode_candles([two], "k")
