"""What Coinbase says on a connection, read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges.examples import (
    OPENED,
    coinbase_candles,
    coinbase_echo,
    coinbase_frame,
    coinbase_heartbeat,
    coinbase_row,
    of_kind,
    payload,
)
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import (
    CandleSeen,
    DatumDropped,
    FramesLost,
    Heard,
    LinkUp,
    SymbolsRefused,
    TickerSeen,
)
from livermore.exchanges.coinbase.products import canonical
from livermore.exchanges.coinbase.wire import NAMES_PER_MESSAGE, CoinbaseWire
from livermore.exchanges.link import SAMPLE_CHARACTERS

AT = OPENED + 120_000


def an_up_wire(*symbols: str) -> CoinbaseWire:
    """A wire whose frame 0 has confirmed everything."""
    wire = CoinbaseWire(1, symbols or ("BTC-USD",))
    wire.receive(coinbase_echo(0, symbols or ("BTC-USD",)))
    assert wire.is_up
    return wire


# ------------------------------------------------------------------------------------------------ whatever comes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TEXT = st.sampled_from(["", "nan", "inf", "-1", "0", "1e400", "12", "9.5", "BTC-USD", "snapshot", "1795168800"])
ROW = st.dictionaries(
    st.sampled_from(["start", "high", "low", "open", "close", "volume", "product_id", "price"]), TEXT | JSON
)
EVENT = st.fixed_dictionaries({}, optional={"type": TEXT | JSON, "candles": st.lists(ROW | JSON, max_size=3) | JSON})
FRAME = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.sampled_from(["candles", "ticker", "heartbeats", "subscriptions", "status"]) | JSON,
        "timestamp": st.sampled_from(["2026-11-20T10:02:05Z", "0000", "9999-12-31T23:59:59.9999999Z"]) | JSON,
        "sequence_num": st.integers() | JSON,
        "events": st.lists(EVENT | JSON, max_size=3) | JSON,
        "type": st.sampled_from(["error", "update"]) | JSON,
        "message": JSON,
    },
).map(lambda frame: json.dumps(frame))


@given(st.lists(st.binary() | st.text() | FRAME, max_size=6), st.booleans())
def test_no_frame_can_make_a_wire_raise(frames: list[str | bytes], is_up: bool) -> None:
    wire = an_up_wire() if is_up else CoinbaseWire(1, ["BTC-USD"])

    for frame in frames:
        for dropped in of_kind(DatumDropped, wire.receive(frame)):
            assert len(dropped.sample) <= SAMPLE_CHARACTERS


@given(st.integers(0, 400), st.sampled_from(["candles_update", "candles_snapshot", "ticker", "subscriptions"]))
def test_a_truncated_frame_is_dropped_and_reported(length: int, name: str) -> None:
    frame = payload(f"coinbase/{name}")

    events = an_up_wire().receive(frame[: min(length, len(frame) - 1)])

    assert [type(event) for event in events] == [DatumDropped]


@pytest.mark.parametrize("frame", [b"[" * 100_000, b'{"a":' * 100_000, b'{"channel":"\xff"}', "\ud800"])
def test_hostile_bytes_are_dropped_and_reported(frame: str | bytes) -> None:
    assert of_kind(DatumDropped, an_up_wire().receive(frame))


@given(st.permutations(range(1, 8)))
def test_shuffled_frames_give_each_number_once_and_only_forwards(numbers: list[int]) -> None:
    """A jump is reported as lost frames, a late one changes nothing: numbers that count only ever grow."""
    wire = an_up_wire()
    highest = 0
    for number in numbers:
        events = wire.receive(coinbase_candles(number, coinbase_row(close=str(9 + number / 10))))
        if number < highest:
            assert events == ()
        else:
            assert bool(of_kind(FramesLost, events)) == (number > highest + 1)
            assert of_kind(CandleSeen, events)[0].candle.close == 9 + number / 10
            highest = number


# ------------------------------------------------------------------------------------------------ coming up


def test_heartbeats_are_subscribed_first_and_names_in_bounded_messages() -> None:
    symbols = {f"S{i:03d}-USD" for i in range(250)}
    greeting = [json.loads(frame) for frame in CoinbaseWire(1, symbols).greeting()]

    assert greeting[0] == {"type": "subscribe", "channel": "heartbeats"}
    for channel in ("candles", "ticker"):
        chunks = [message["product_ids"] for message in greeting if message["channel"] == channel]
        assert {name for chunk in chunks for name in chunk} == symbols
        assert max(map(len, chunks)) <= NAMES_PER_MESSAGE


def test_the_link_is_up_when_the_echo_holds_all_that_is_wanted() -> None:
    """The reply is the complete set: names that exist only in our wish are silently left out of it."""
    wire = CoinbaseWire(7, ["BTC-USD", "ETH-USD"])

    assert not of_kind(LinkUp, wire.receive(coinbase_echo(0, ["BTC-USD"])))
    assert wire.unconfirmed() == {"ETH-USD"}
    events = wire.receive(payload("coinbase/subscriptions").replace(b'"sequence_num":0', b'"sequence_num":1'))

    assert events == (LinkUp(7, OPENED + 123_812, frozenset({"BTC-USD", "ETH-USD"}), proves_silence=True),)
    assert wire.unconfirmed() == frozenset()


def test_a_ticker_subscription_confirms_no_candles() -> None:
    wire = CoinbaseWire(1, ["BTC-USD"])
    wire.receive(coinbase_frame(0, "subscriptions", [{"subscriptions": {"ticker": ["BTC-USD"]}}]))

    assert not wire.is_up


def test_what_came_before_the_link_was_up_follows_it() -> None:
    wire = CoinbaseWire(1, ["BTC-USD", "ETH-USD"])

    assert wire.receive(coinbase_candles(0, coinbase_row())) == ()
    events = wire.receive(coinbase_echo(1, ["BTC-USD", "ETH-USD"]))

    assert [type(event) for event in events] == [LinkUp, CandleSeen]


def test_waiting_can_end_with_what_is_confirmed() -> None:
    wire = CoinbaseWire(1, ["BTC-USD", "NOPE-USD"])
    wire.receive(coinbase_echo(0, ["BTC-USD"], AT))

    assert wire.settle() == (LinkUp(1, AT, frozenset({"BTC-USD"}), proves_silence=True),)
    assert wire.unconfirmed() == {"NOPE-USD"}


def test_a_subscription_that_vanishes_ends_the_connection() -> None:
    wire = an_up_wire("BTC-USD", "ETH-USD")

    wire.receive(coinbase_echo(1, ["BTC-USD"]))

    assert wire.failure is not None


def test_a_dollar_coin_alias_is_asked_for_by_its_dollar_name() -> None:
    known = {"BTC-USD", "USDT-USDC", "USDT-USD"}

    assert canonical("BTC-USDC", known) == "BTC-USD"
    assert canonical("USDT-USDC", known) == "USDT-USDC"
    assert canonical("NEW-USDC", known) == "NEW-USDC"


# ------------------------------------------------------------------------------------------------ the market


def test_an_update_is_a_candle_that_is_never_final() -> None:
    wire = an_up_wire()
    events = wire.receive(payload("coinbase/candles_update"))

    candle = Candle("BTC-USD", Timeframe.M5, OPENED, 356.22, 358.5, 355.79, 357.75, 203.5)
    assert of_kind(CandleSeen, events) == [CandleSeen(1, OPENED + 125_000, candle, is_final=False)]
    assert not of_kind(Heard, events)


def test_of_a_snapshot_only_the_forming_candles_are_used() -> None:
    """Snapshots have holes, also for BTC-USD: they are never history."""
    wire = an_up_wire("BTC-USD", "ETH-USD")
    frame = payload("coinbase/candles_snapshot").replace(b'"sequence_num":2', b'"sequence_num":1')

    seen = of_kind(CandleSeen, wire.receive(frame))

    assert [(event.candle.symbol, event.candle.opened_at) for event in seen] == [("BTC-USD", OPENED)]
    assert wire.unheard() == frozenset()


def test_a_heartbeat_tells_the_time_of_its_envelope() -> None:
    wire = an_up_wire()

    assert wire.receive(payload("coinbase/heartbeats")) == (Heard(1, OPENED + 124_820),)


@given(st.text(max_size=10))
def test_frames_of_any_other_channel_tell_the_time(channel: str) -> None:
    wire = an_up_wire()
    events = wire.receive(coinbase_frame(1, "x" + channel, [{"anything": [1]}], AT + 5))

    assert events == (Heard(1, AT + 5),)


def test_a_ticker_is_stamped_by_its_envelope() -> None:
    wire = an_up_wire()
    (seen,) = wire.receive(payload("coinbase/ticker").replace(b'"sequence_num":4', b'"sequence_num":1'))

    assert isinstance(seen, TickerSeen)
    ticker = seen.ticker
    assert (ticker.symbol, ticker.at, ticker.price) == ("BTC-USD", OPENED + 126_000, 367.5)
    assert (ticker.change_percent_24h, ticker.bid, ticker.ask) == (5.0, 367.4, None)
    assert ticker.change_24h == pytest.approx(17.5)


@pytest.mark.parametrize(
    "change",
    [
        {"high": "8"},
        {"open": "nan"},
        {"close": "inf"},
        {"low": "0"},
        {"volume": "-1"},
        {"volume": ""},
        {"close": "1_0"},
        {"start": str(OPENED // 1000 + 60)},
        {"start": str(OPENED // 1000 + 900)},
        {"start": "soon"},
    ],
    ids=str,
)
def test_an_impossible_row_is_dropped_under_its_symbol_and_costs_no_other(change: dict[str, str]) -> None:
    wire = an_up_wire("BTC-USD", "ETH-USD")
    events = wire.receive(coinbase_candles(1, coinbase_row("BTC-USD", **change), coinbase_row("ETH-USD")))

    assert [dropped.symbol for dropped in of_kind(DatumDropped, events)] == ["BTC-USD"]
    assert [seen.candle.symbol for seen in of_kind(CandleSeen, events)] == ["ETH-USD"]
    assert not of_kind(FramesLost, events)


def test_a_row_that_nobody_can_be_named_for_may_have_been_anybodys() -> None:
    wire = an_up_wire()
    events = wire.receive(coinbase_frame(1, "candles", [{"type": "update", "candles": [{"start": 3}]}]))

    assert of_kind(DatumDropped, events)
    assert of_kind(FramesLost, events)


def test_unknown_fields_are_tolerated() -> None:
    wire = an_up_wire()
    row = coinbase_row() | {"trades": "17", "new": {"nested": [1]}}

    assert of_kind(CandleSeen, wire.receive(coinbase_candles(1, row)))


def test_a_candle_stamped_a_moment_before_its_bucket_moves_the_clock_into_it() -> None:
    wire = an_up_wire()
    (seen,) = of_kind(CandleSeen, wire.receive(coinbase_candles(1, coinbase_row(), at=OPENED - 5)))

    assert seen.at == OPENED


def test_frames_before_the_first_number_are_not_missed() -> None:
    """Numbers restart with the connection; what was before it is nobody's loss here."""
    wire = CoinbaseWire(1, ["BTC-USD"])
    wire.receive(coinbase_echo(41, ["BTC-USD"]))

    assert not of_kind(FramesLost, wire.receive(coinbase_heartbeat(42, AT + 1)))


# ------------------------------------------------------------------------------------------------ the end


def test_an_error_ends_the_connection() -> None:
    wire = CoinbaseWire(1, ["BTC-USD"])

    assert wire.receive(payload("coinbase/error")) == ()
    assert "authentication failure" in str(wire.failure)


def test_an_error_that_names_a_product_refuses_that_one() -> None:
    wire = CoinbaseWire(1, ["BTC-USD", "NOPE-USD"])
    (refused,) = wire.receive('{"type":"error","message":"no such product: \\"NOPE-USD\\""}')

    assert isinstance(refused, SymbolsRefused)
    assert refused.symbols == {"NOPE-USD"}


def test_a_leap_of_the_clock_ends_the_connection_before_it_closes_anything() -> None:
    wire = an_up_wire()
    events = wire.receive(coinbase_heartbeat(1, AT + 2 * 3_600_000))

    assert [type(event) for event in events] == [DatumDropped]
    assert wire.failure is not None


def test_prices_without_candles_betray_a_dead_channel() -> None:
    """Subscriptions have been acknowledged and then never served."""
    wire = an_up_wire()
    ticker = {"type": "update", "tickers": [{"product_id": "BTC-USD", "price": "5"}]}
    for number in range(1, 8):
        assert wire.failure is None
        wire.receive(coinbase_frame(number, "ticker", [ticker], AT + number * 60_000))

    assert "no candles" in str(wire.failure)


def test_prices_with_candles_are_healthy() -> None:
    wire = an_up_wire()
    ticker = {"type": "update", "tickers": [{"product_id": "BTC-USD", "price": "5"}]}
    for minute in range(1, 20):
        at = AT + minute * 60_000
        wire.receive(coinbase_frame(2 * minute - 1, "ticker", [ticker], at))
        wire.receive(coinbase_candles(2 * minute, coinbase_row(opened_at=Timeframe.M5.opening(at)), at=at))

    assert wire.failure is None


@pytest.mark.parametrize("price", ["", "nan", "0", "-5", "cheap"])
def test_an_impossible_price_is_dropped_under_its_symbol_and_costs_no_other(price: str) -> None:
    wire = an_up_wire("BTC-USD", "ETH-USD")
    rows = [{"product_id": "BTC-USD", "price": price}, {"product_id": "ETH-USD", "price": "5"}]
    events = wire.receive(coinbase_frame(1, "ticker", [{"type": "update", "tickers": rows}]))

    assert [dropped.symbol for dropped in of_kind(DatumDropped, events)] == ["BTC-USD"]
    assert [seen.ticker.symbol for seen in of_kind(TickerSeen, events)] == ["ETH-USD"]
    assert not of_kind(FramesLost, events)


def test_candles_that_cannot_be_read_at_all_are_lost_frames() -> None:
    wire = an_up_wire()
    events = wire.receive(coinbase_frame(1, "candles", [7]))

    assert [type(event) for event in events] == [DatumDropped, FramesLost]


def test_an_unreadable_reply_confirms_nothing() -> None:
    wire = CoinbaseWire(1, ["BTC-USD"])
    events = wire.receive(coinbase_frame(0, "subscriptions", [{"subscriptions": {"candles": 7}}]))

    assert [type(event) for event in events] == [DatumDropped]
    assert wire.unconfirmed() == {"BTC-USD"}


def test_a_frame_without_its_number_cannot_prove_anything() -> None:
    wire = an_up_wire()
    events = wire.receive(json.dumps({"channel": "candles", "timestamp": "2026-11-20T10:02:05Z", "events": []}))

    assert [type(event) for event in events] == [DatumDropped]


def test_rows_of_products_that_were_not_asked_for_are_ignored() -> None:
    wire = an_up_wire()

    assert of_kind(CandleSeen, wire.receive(coinbase_candles(1, coinbase_row("DOGE-USD")))) == []
