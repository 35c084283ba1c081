"""Spreads that remain after all costs, and who says a thing first."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alerts.test_alert import an_alert
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.cross import FRESH_FOR, Quote, dollar_rates, leads, spreads
from livermore.core.market.exchange import BINANCE, COINBASE
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import HOUR, Timeframe

NOW = 1_700_000_000_000


def a_quote(exchange_id: int, symbol: str, price: float, *, fee: float = 0.0, age: int = 0, **sides: float) -> Quote:
    return Quote(exchange_id, Ticker(symbol, NOW - age, price, bid=sides.get("bid"), ask=sides.get("ask")), fee)


def test_a_spread_is_what_fees_and_slippage_leave() -> None:
    """Worked by hand: pay 100 + 0.6 % + 0.05 %, get 103 - 0.1 % - 0.05 %: 102.8455 / 100.65 = 2.1813 %."""
    quotes = [a_quote(1, "ETH-USD", 99.9, ask=100.0, fee=0.006), a_quote(2, "ETH-USD", 103.2, bid=103.0, fee=0.001)]

    (spread,) = spreads(quotes, {"USD": 1.0}, NOW, least_net_percent=1.0, slippage=0.0005)

    assert (spread.buy.exchange_id, spread.sell.exchange_id) == (1, 2)
    assert spread.gross_percent == pytest.approx(3.0)
    assert spread.net_percent == pytest.approx(2.1813, abs=1e-4)


def test_a_stable_coin_is_worth_what_it_costs() -> None:
    """ETH at 3,000 USDT is 2,970 dollars while a USDT costs 0.99, so there is nothing between it and 2,970 USD."""
    quotes = [
        a_quote(1, "ETH-USD", 2_970.0),
        a_quote(2, "ETH-USDT", 3_000.0),
        a_quote(1, "USDT-USD", 0.98),
        a_quote(3, "USDT-USD", 1.0),
    ]

    rates = dollar_rates(quotes, NOW)

    assert rates["USDT"] == pytest.approx(0.99)
    assert not spreads(quotes[:2], rates, NOW, least_net_percent=0.001, slippage=0.0)


@pytest.mark.parametrize(
    "other",
    [
        a_quote(2, "ETH-USD", 110.0, age=FRESH_FOR + 1),
        a_quote(2, "ETH-EUR", 110.0),
        a_quote(1, "ETH-USD", 110.0),
        a_quote(2, "ETC-USD", 110.0),
        a_quote(2, "ETH-USD", 1_000.0),
    ],
    ids=["stale", "unknown currency", "same exchange", "other asset", "too wide to be the same asset"],
)
def test_what_cannot_be_compared_makes_no_spread(other: Quote) -> None:
    quotes = [a_quote(1, "ETH-USD", 100.0), other]

    assert not spreads(quotes, dollar_rates(quotes, NOW), NOW, least_net_percent=0.0, slippage=0.0)


@given(
    prices=st.lists(st.floats(90, 110), min_size=2, max_size=5),
    fee=st.floats(0, 0.01),
    slippage=st.floats(0, 0.01),
    least=st.floats(0, 5),
)
def test_costs_only_ever_narrow_a_spread(prices: list[float], fee: float, slippage: float, least: float) -> None:
    quotes = [a_quote(number, "ETH-USD", price, fee=fee) for number, price in enumerate(prices)]

    found = spreads(quotes, {"USD": 1.0}, NOW, least_net_percent=least, slippage=slippage)

    for spread in found:
        assert least <= spread.net_percent <= spread.gross_percent
    nets = [spread.net_percent for spread in found]
    assert nets == sorted(nets, reverse=True)


def an_alert_of(exchange: object, symbol: str, opened_at: int, label: str = "level_150") -> Alert:
    alert = replace(an_alert(label), symbol=symbol, timeframe=Timeframe.H1, opened_at=opened_at)
    return replace(alert, exchange=exchange, id=f"{exchange}{symbol}{opened_at}{label}")


def test_the_second_to_say_the_same_follows_the_first() -> None:
    first, second = an_alert_of(COINBASE, "ETH-USD", 0), an_alert_of(BINANCE, "ETH-USDT", 2 * HOUR)
    others = [an_alert_of(BINANCE, "ETH-USDT", HOUR, "level_200"), an_alert_of(BINANCE, "BTC-USDT", HOUR)]

    (lead,) = leads([second, *others, first])

    assert (lead.leader, lead.follower, lead.lag, lead.base) == (first, second, 2 * HOUR, "ETH")


def test_what_is_long_ago_or_was_retracted_leads_nobody() -> None:
    old, new = an_alert_of(COINBASE, "ETH-USD", 0), an_alert_of(BINANCE, "ETH-USDT", 11 * HOUR)
    retracted = replace(an_alert_of(COINBASE, "ETH-USD", 10 * HOUR), status=AlertStatus.RETRACTED)

    assert not leads([old, new, retracted])
