"""Recorded frames and bodies of the real exchanges are read without loss."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from exchanges.examples import listed, of_kind
from livermore.core.messages import CandleSeen, DatumDropped, FramesLost, Heard, TickerSeen
from livermore.exchanges.binance.wire import BinanceWire
from livermore.exchanges.coinbase import rest
from livermore.exchanges.coinbase.products import PRODUCT_PAGE
from livermore.exchanges.coinbase.wire import CoinbaseWire

Recorded = Callable[[str], Path]

RECORDED_PRODUCTS = ("NKN-USDT", "BLZ-ETH", "LRC-BTC", "RUNE-EUR")


def a_coinbase_wire() -> CoinbaseWire:
    wire = CoinbaseWire(1, ["BTC-USD"])
    echo = {"channel": "subscriptions", "timestamp": "2026-04-07T14:30:00Z", "sequence_num": 0}
    wire.receive(json.dumps(echo | {"events": [{"subscriptions": {"candles": ["BTC-USD"]}}]}))
    return wire


@pytest.mark.parametrize(
    ("name", "kind"),
    [("candles", CandleSeen), ("ticker", TickerSeen), ("heartbeats", Heard), ("market_trades", Heard)],
)
def test_a_recorded_coinbase_frame_is_read(shared_data: Recorded, name: str, kind: type) -> None:
    frame = json.loads(shared_data(f"coinbase/ws_{name}.json").read_bytes())
    events = a_coinbase_wire().receive(json.dumps(frame | {"sequence_num": 1}))

    assert [type(event) for event in events] == [kind]


def test_a_recorded_coinbase_listing_is_read(shared_data: Recorded) -> None:
    page = PRODUCT_PAGE.decode(shared_data("coinbase/http_products.json").read_bytes())
    found = {product.product_id: product.instrument() for product in page.products if product.is_instrument}

    assert found["BTC-USD"].is_trading
    assert found["BTC-USD"].quote_volume_24h == pytest.approx(758_506_771, rel=0.01)


def test_recorded_coinbase_candles_have_the_fields_we_read(shared_data: Recorded) -> None:
    body = json.loads(shared_data("coinbase/http_candles.json").read_bytes())

    for row in body["candles"]:
        read = msgspec.convert(row, type=rest._Row, strict=False)
        assert read.low <= min(read.open, read.close) <= max(read.open, read.close) <= read.high


def test_a_recorded_binance_session_is_read_whole(shared_data: Recorded) -> None:
    """The session was of one-minute klines; they are taken for five-minute ones here, on whose grid they lie."""
    wire = BinanceWire(1, RECORDED_PRODUCTS, listed(*RECORDED_PRODUCTS))
    names = [name for frame in wire.greeting() for name in json.loads(frame).get("params", ())]
    wire.receive(json.dumps({"result": names, "id": json.loads(wire.greeting()[-1])["id"]}))
    lines = shared_data("binance/binance_com_ws_recording.txt").read_text().splitlines()
    frames = [line.split(": ", 1)[1] for line in lines if line.startswith("16") and ": {" in line]

    events = [event for frame in frames for event in wire.receive(frame.replace('"i":"1m"', '"i":"5m"'))]

    klines = [json.loads(frame)["data"] for frame in frames if "@kline" in frame]
    on_grid = [data for data in klines if data["k"]["t"] % 300_000 == 0]
    assert len(frames) > 200
    assert len(klines) > 0
    assert len(of_kind(CandleSeen, events)) == len(on_grid)
    assert len(of_kind(DatumDropped, events)) == len(klines) - len(on_grid)
    assert of_kind(Heard, events)
    assert not of_kind(FramesLost, events)
    assert wire.newest == max(json.loads(frame)["data"].get("E", 0) for frame in frames)
