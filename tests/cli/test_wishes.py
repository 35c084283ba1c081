"""The words of `livermore ctl` become an order, or one plain refusal."""

from pathlib import Path

import pytest

from livermore.cli.wishes import COMMANDS, Wish, command_wished, exchange_wished, payload_of
from livermore.core.instance.commands import (
    AddSymbol,
    BulkAddSymbols,
    ClearCache,
    CommandType,
    ForceBackfill,
    Payload,
    RemoveSymbol,
    Start,
    Stop,
    SwitchMode,
)
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import Timeframe
from livermore.core.watch import Mode
from livermore.errors import InvalidRequest, UnknownExchange


@pytest.mark.parametrize(
    ("command", "wish", "payload"),
    [
        ("start", Wish(), Start()),
        ("stop", Wish(), Stop()),
        ("switch-mode", Wish(("position-monitor",)), SwitchMode(Mode.POSITION_MONITOR)),
        ("force-backfill", Wish(("btc-usd", "BTC-USD")), ForceBackfill(("BTC-USD",))),
        (
            "force-backfill",
            Wish(("A-B",), timeframes=("5m", "1h"), candles=300),
            ForceBackfill(("A-B",), (Timeframe.M5, Timeframe.H1), 300),
        ),
        ("clear-cache", Wish(), ClearCache(None, confirm=True)),
        ("clear-cache", Wish(("A-B",)), ClearCache(("A-B",))),
        ("add-symbol", Wish(("a-b",)), AddSymbol("A-B")),
        ("add-symbol", Wish(("a-b",), user="ada@example.org"), AddSymbol("A-B", 2, "ada@example.org")),
        ("add-symbol", Wish(("btc/usd",)), AddSymbol("BTC-USD")),
        ("remove-symbol", Wish(("a-b",)), RemoveSymbol("A-B")),
        ("bulk-add-symbols", Wish(("btc/usd", "ETH-USD")), BulkAddSymbols(("BTC-USD", "ETH-USD"))),
        ("bulk-add-symbols", Wish(("btc-usd",)), BulkAddSymbols(("BTC-USD",))),
    ],
)
def test_words_are_an_order(command: str, wish: Wish, payload: Payload) -> None:
    assert payload_of(CommandType(command), wish) == payload


@pytest.mark.parametrize("command", CommandType)
def test_every_command_can_be_wished(command: CommandType) -> None:
    """Each of them makes something of the right words, or says which ones it wants."""
    made = []
    for words in ((), ("A-B",), ("position-monitor",), ("nowhere.txt",)):
        try:
            made.append(payload_of(command, Wish(words)))
        except InvalidRequest:
            continue
    assert made


@pytest.mark.parametrize(
    ("command", "wish", "reason"),
    [
        ("start", Wish(("now",)), "no more words, not now"),
        ("start", Wish(candles=5), "--candles has no meaning for start"),
        ("stop", Wish(timeframes=("5m",)), "--timeframe has no meaning for stop"),
        ("switch-mode", Wish(("scalper",)), "did you mean scalper-macdv"),
        ("switch-mode", Wish(), "it wants a mode"),
        ("force-backfill", Wish(), "name the symbols"),
        ("force-backfill", Wish(("BTC",)), "is no symbol"),
        ("force-backfill", Wish(("A-B",), timeframes=("1m",)), "1m"),
        ("force-backfill", Wish(("A-B",), candles=0), "candles"),
        ("add-symbol", Wish(("A-B", "C-D")), "bulk-add-symbols"),
        ("add-symbol", Wish(("A-B",), tier=2), "tier 2"),
        ("add-symbol", Wish(("A:B-USD",)), "is no symbol"),
        ("bulk-add-symbols", Wish(("nowhere.txt",)), "nowhere.txt cannot be read"),
        ("bulk-add-symbols", Wish(), "a file"),
    ],
)
def test_what_is_not_an_order_is_refused_with_the_reason(command: str, wish: Wish, reason: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        payload_of(CommandType(command), wish)

    assert reason in str(refusal.value)


def test_a_file_of_symbols_may_have_comments_and_separators(tmp_path: Path) -> None:
    path = tmp_path / "symbols"
    path.write_text("BTC-USD, eth-usd\n# more\n\nSOL-USD  BTC-USD # again\n")

    assert payload_of(CommandType.BULK_ADD_SYMBOLS, Wish((str(path),))) == BulkAddSymbols(
        ("BTC-USD", "ETH-USD", "SOL-USD")
    )


def test_whoever_mistypes_is_told_what_is_near() -> None:
    assert exchange_wished("coinbase") is COINBASE
    assert command_wished("history") in COMMANDS
    with pytest.raises(UnknownExchange, match="did you mean binance"):
        exchange_wished("binanse")
    with pytest.raises(InvalidRequest, match="did you mean reload-settings"):
        command_wished("reload-setings")
    with pytest.raises(InvalidRequest, match="known are start, stop"):
        command_wished("xyzzy")
