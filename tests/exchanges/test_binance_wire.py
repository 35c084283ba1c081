"""What Binance says on a connection, read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges.examples import OPENED, binance_kline, listed, of_kind, payload
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import HOUR, Timeframe
from livermore.core.messages import CandleSeen, DatumDropped, Heard, LinkUp, TickerSeen
from livermore.exchanges.binance.wire import NAMES_PER_MESSAGE, BinanceWire
from livermore.exchanges.link import SAMPLE_CHARACTERS

LISTING = listed("BTC-USDT", "ETH-USDT", "XRP-USDT")


def names_asked(wire: BinanceWire) -> list[str]:
    return [name for frame in wire.greeting() for name in json.loads(frame).get("params", ())]


def confirm(wire: BinanceWire, *left_out: str) -> tuple[object, ...]:
    """Answer the question which subscriptions are in force."""
    number = json.loads(wire.greeting()[-1])["id"]
    names = [name for name in names_asked(wire) if name not in left_out]
    return wire.receive(json.dumps({"result": names, "id": number}))


def an_up_wire(*symbols: str) -> BinanceWire:
    wire = BinanceWire(1, symbols or ("BTC-USDT", "ETH-USDT"), LISTING)
    confirm(wire)
    for at in (OPENED, OPENED + 1):
        wire.receive(json.dumps({"e": "trade", "E": at}))
    assert wire.is_up
    return wire


TEXT = st.sampled_from(["", "nan", "-1", "0", "1e400", "12", "9.5", "5m", "kline", "BTCUSDT", True, -5, 10**30])
BUCKET = st.fixed_dictionaries({}, optional=dict.fromkeys("tiohlcvxn", TEXT))
DATA = st.fixed_dictionaries(
    {}, optional={"e": TEXT, "E": TEXT | st.just(OPENED), "s": TEXT, "k": BUCKET | TEXT, **dict.fromkeys("cohlv", TEXT)}
)
FRAME = st.fixed_dictionaries(
    {}, optional={"stream": TEXT, "data": DATA | TEXT, "id": TEXT, "result": TEXT | st.lists(TEXT), "code": TEXT}
)


@given(st.lists(st.binary() | st.text() | (FRAME | DATA).map(lambda frame: json.dumps(frame)), max_size=6))
def test_no_frame_can_make_a_wire_raise(frames: list[str | bytes]) -> None:
    for wire in (an_up_wire(), BinanceWire(1, ["BTC-USDT"], LISTING)):
        for frame in frames:
            for dropped in of_kind(DatumDropped, wire.receive(frame)):
                assert len(dropped.sample) <= SAMPLE_CHARACTERS


@given(st.integers(0, 400), st.sampled_from(["kline", "kline_closed", "mini_ticker"]))
def test_a_truncated_frame_is_dropped_and_reported(length: int, name: str) -> None:
    frame = payload(f"binance/{name}")

    events = an_up_wire().receive(frame[: min(length, len(frame) - 1)])

    assert [type(event) for event in events] == [DatumDropped]


@given(st.permutations(range(8)))
def test_frames_in_any_order_are_all_read(order: list[int]) -> None:
    """Without numbers nothing can be told to be late; which candle is newer is for others to decide."""
    wire = an_up_wire()
    seen = [
        event.at
        for i in order
        for event in of_kind(CandleSeen, wire.receive(binance_kline(at=OPENED + 100 + i, c=str(10 + i / 10))))
    ]

    assert seen == [OPENED + 100 + i for i in order]


# ------------------------------------------------------------------------------------------------ coming up


def test_each_symbol_is_two_streams_in_bounded_messages_and_the_set_is_asked_for() -> None:
    many = listed(*(f"S{i}-USDT" for i in range(120)))
    messages = [json.loads(frame) for frame in BinanceWire(1, many, many).greeting()]

    assert [message["method"] for message in messages] == ["SUBSCRIBE"] * 3 + ["LIST_SUBSCRIPTIONS"]
    assert len({message["id"] for message in messages}) == 4
    assert max(len(message.get("params", ())) for message in messages) <= NAMES_PER_MESSAGE
    names = {name for message in messages for name in message.get("params", ())}
    assert names == {f"s{i}usdt@{kind}" for i in range(120) for kind in ("kline_5m", "miniTicker")}


def test_a_thin_connection_carries_busy_symbols_to_keep_its_clock_moving() -> None:
    wire = BinanceWire(1, ["XRP-USDT"], LISTING)

    assert "btcusdt@miniTicker" in names_asked(wire)
    confirm(wire)
    wire.receive(payload("binance/mini_ticker"))
    events = wire.receive(payload("binance/mini_ticker"))

    assert events == (LinkUp(1, OPENED + 124_136, frozenset({"XRP-USDT"}), proves_silence=False),)


def test_a_first_instant_is_believed_once_another_bears_it_out() -> None:
    wire = BinanceWire(1, ["BTC-USDT"], LISTING)
    confirm(wire)

    assert wire.receive(binance_kline(at=OPENED + 1_000)) == ()
    assert [type(event) for event in wire.receive(binance_kline(at=OPENED + 2_000))] == [LinkUp, CandleSeen]


@given(st.integers(2 * HOUR, 10**14), st.booleans())
def test_one_garbled_instant_at_the_beginning_ends_the_connection_before_it_is_up(leap: int, is_first: bool) -> None:
    """Whichever of the two is wrong: nobody can know."""
    wire = BinanceWire(1, ["BTC-USDT"], LISTING)
    confirm(wire)
    said = [
        event
        for at in ((OPENED + leap, OPENED + 1_000) if is_first else (OPENED + 1_000, OPENED + leap))
        for event in wire.receive(binance_kline(at=at))
    ]

    assert not of_kind(LinkUp, said)
    assert "leapt" in (wire.failure or "")


def test_the_link_is_up_with_the_first_time_told_after_the_confirmation() -> None:
    wire = BinanceWire(3, ["BTC-USDT"], LISTING)

    assert wire.receive(payload("binance/kline")) == ()
    assert confirm(wire) == ()
    up, seen = wire.receive(payload("binance/kline"))

    assert up == LinkUp(3, OPENED + 123_469, frozenset({"BTC-USDT"}), proves_silence=False)
    assert isinstance(seen, CandleSeen)


def test_a_plain_acknowledgement_confirms_nothing() -> None:
    """Names that do not exist are acknowledged too."""
    wire = BinanceWire(1, ["BTC-USDT"], LISTING)
    wire.receive(payload("binance/subscribed"))
    wire.receive(payload("binance/kline"))

    assert not wire.is_up
    assert wire.unconfirmed() == {"BTC-USDT"}


def test_a_symbol_whose_candles_are_not_in_force_stays_unconfirmed() -> None:
    wire = BinanceWire(1, ["BTC-USDT", "ETH-USDT"], LISTING)
    confirm(wire, "ethusdt@kline_5m")

    assert wire.unconfirmed() == {"ETH-USDT"}
    assert wire.receive(payload("binance/kline")) == ()
    wire.settle()
    events = wire.receive(payload("binance/kline"))
    assert of_kind(LinkUp, events)[0].symbols == {"BTC-USDT"}


def test_what_is_not_listed_is_neither_asked_for_nor_confirmed() -> None:
    wire = BinanceWire(1, ["BTC-USDT", "NOPE-USDT"], LISTING)
    confirm(wire)

    assert not [name for name in names_asked(wire) if name.startswith("nope")]
    assert wire.unconfirmed() == {"NOPE-USDT"}
    assert BinanceWire(1, ["NOPE-USDT"], LISTING).greeting() == ()


# ------------------------------------------------------------------------------------------------ the market


def test_the_close_flag_makes_a_candle_final() -> None:
    wire = an_up_wire()

    (forming,) = of_kind(CandleSeen, wire.receive(payload("binance/kline")))
    (closed,) = of_kind(CandleSeen, wire.receive(payload("binance/kline_closed")))

    assert (forming.is_final, closed.is_final) == (False, True)
    assert closed.at == OPENED + 301_807
    assert closed.candle == Candle("BTC-USDT", Timeframe.M5, OPENED, 13.7212, 13.95, 13.7, 13.9, 201.0)


def test_a_bare_event_is_read_as_well() -> None:
    """A raw connection leaves the stream's name out."""
    bare = json.dumps(json.loads(payload("binance/kline"))["data"])

    assert of_kind(CandleSeen, an_up_wire().receive(bare))


def test_a_bucket_without_trades_is_left_to_rest() -> None:
    events = an_up_wire().receive(binance_kline(n=0, v="0", o="10", h="10", l="10", c="10", x=True))

    assert [type(event) for event in events] == [Heard]


def test_other_intervals_only_tell_the_time() -> None:
    assert [type(event) for event in an_up_wire().receive(binance_kline(i="1m"))] == [Heard]


def test_a_mini_ticker_tells_the_change_of_the_day() -> None:
    (seen,) = an_up_wire().receive(payload("binance/mini_ticker"))

    assert isinstance(seen, TickerSeen)
    ticker = seen.ticker
    assert (ticker.symbol, ticker.at, ticker.price, ticker.volume_24h) == ("ETH-USDT", OPENED + 124_136, 25.0, 10_000.0)
    assert (ticker.change_24h, ticker.change_percent_24h, ticker.bid) == (5.0, 25.0, None)


@pytest.mark.parametrize(
    "change",
    [
        {"h": "8"},
        {"o": "nan"},
        {"c": "inf"},
        {"l": "0"},
        {"v": "-1"},
        {"v": ""},
        {"t": OPENED + 60_000},
        {"t": OPENED + 900_000},
        {"t": "soon"},
        {"x": "perhaps"},
    ],
    ids=str,
)
def test_an_impossible_bucket_is_dropped_under_its_symbol(change: dict[str, object]) -> None:
    events = an_up_wire().receive(binance_kline(**change))

    assert [dropped.symbol for dropped in of_kind(DatumDropped, events)] == ["BTC-USDT"]
    assert not of_kind(CandleSeen, events)


def test_unknown_events_tell_the_time_and_unknown_fields_are_tolerated() -> None:
    wire = an_up_wire()

    novelty = {"stream": "x", "data": {"e": "novelty", "E": OPENED + 5, "z": [{}]}}

    assert wire.receive(json.dumps(novelty)) == (Heard(1, OPENED + 5),)
    assert of_kind(CandleSeen, wire.receive(binance_kline(zz={"new": 1})))


# ------------------------------------------------------------------------------------------------ the end


def test_an_error_ends_the_connection() -> None:
    wire = an_up_wire()
    wire.receive(payload("binance/error"))

    assert wire.failure is not None


def test_a_shutdown_notice_is_a_farewell_and_no_failure() -> None:
    """The connection is of use until it ends."""
    wire = an_up_wire()
    wire.receive(payload("binance/server_shutdown"))

    assert "about to close" in str(wire.farewell)
    assert wire.failure is None


def test_an_error_in_the_newer_form_ends_the_connection() -> None:
    wire = an_up_wire()
    wire.receive('{"error":{"code":3,"msg":"Invalid JSON"},"id":null}')

    assert "Invalid JSON" in str(wire.failure)


def test_a_leap_of_the_clock_ends_the_connection_before_it_closes_anything() -> None:
    wire = an_up_wire()
    events = wire.receive(binance_kline(at=OPENED + 2 * 3_600_000))

    assert [type(event) for event in events] == [DatumDropped]
    assert wire.failure is not None
