"""The names are those that partners read."""

from livermore.cache.keys import Keys, activity_key
from livermore.core.market.timeframe import Timeframe


def test_every_key_is_spelled_as_agreed() -> None:
    keys = Keys(2)

    assert keys.status == "exchange:2:status"
    assert keys.epoch == "exchange:2:epoch"
    assert keys.candles("ETH-BTC", Timeframe.H4) == "candles:2:ETH-BTC:4h"
    assert keys.indicator("ETH-BTC", Timeframe.M15) == "indicator:2:ETH-BTC:15m:macd-v"
    assert keys.readings == "readings:2"
    assert keys.reading_field("ETH-BTC", Timeframe.H4) == "ETH-BTC:4h"
    assert keys.ticker("ETH-BTC") == "ticker:2:ETH-BTC"
    assert keys.alerts == "alerts:2"
    assert keys.commands == "commands:2"
    assert activity_key("binance_us") == "logs:network:binance_us"


def test_every_channel_is_spelled_as_agreed() -> None:
    keys = Keys(1)

    assert keys.close_channel("BTC-USD", Timeframe.D1) == "channel:exchange:1:candle:close:BTC-USD:1d"
    assert keys.ticker_channel("BTC-USD") == "channel:ticker:1:BTC-USD"
    assert keys.indicator_channel("BTC-USD", Timeframe.M5) == "channel:indicator:1:BTC-USD:5m:macd-v"
    assert keys.alerts_channel == "channel:alerts:exchange:1"
    assert keys.command_channel == "livermore:commands:1"
    assert keys.response_channel == "livermore:responses:1"


def test_one_switch_puts_all_keys_of_an_exchange_under_one_hash_tag() -> None:
    keys = Keys(1, has_hash_tag=True)
    series = keys.series("BTC-USD", Timeframe.M5)
    names = (keys.status, keys.epoch, keys.alerts, keys.alert_ids, keys.commands, keys.ticker("BTC-USD"))

    assert all("{1}" in name for name in (*names, series.candles.decode(), series.indicator.decode(), keys.readings))


def test_channels_are_the_same_with_and_without_the_hash_tag() -> None:
    plain, tagged = Keys(1), Keys(1, has_hash_tag=True)

    assert plain.series("A-B", Timeframe.M5).close_channel == tagged.series("A-B", Timeframe.M5).close_channel
    assert plain.alerts_channel == tagged.alerts_channel
