"""Holdings know what they cost as far as fills tell; what has no price is never worth nothing."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.account.trades import NOON, a_fill, fills
from livermore.core.account.account import Balance, Fill, Side
from livermore.core.account.outlook import Outlook
from livermore.core.account.portfolio import Holding, dollar_markets, holdings_of, portfolio_of
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import Timeframe

D = Decimal


def a_balance(currency: str, quantity: str, held: str = "0") -> Balance:
    return Balance(currency, D(quantity), D(held))


def test_the_average_cost_is_over_all_purchases_with_their_fees() -> None:
    bought = [a_fill(1, price="100", size="1", fee="1"), a_fill(2, price="200", size="3", fee="3")]
    (holding,) = holdings_of([a_balance("BTC", "4")], bought)

    assert holding.covered == 4
    assert holding.cost == 704
    assert holding.average_cost == 176


def test_a_sale_takes_cost_at_the_average_and_realises_the_rest() -> None:
    history = [
        a_fill(1, price="100", size="2", fee="2"),
        a_fill(2, side=Side.SELL, price="150", size="1", fee="1.5", at=NOON + 1),
    ]
    (holding,) = holdings_of([a_balance("BTC", "1")], history)

    assert holding.cost == 101
    assert holding.realised == D("47.5")


def test_a_fee_taken_from_what_was_bought_raises_its_average_cost() -> None:
    bought = a_fill(symbol="BTC-USDT", price="100", size="1", fee="0.1", fee_currency="BTC")
    (holding,) = holdings_of([a_balance("BTC", "0.9")], [bought])

    assert holding.covered == D("0.9")
    assert holding.cost == 100


def test_what_was_not_bought_here_has_no_cost() -> None:
    deposited, partly = holdings_of(
        [a_balance("ADA", "10"), a_balance("BTC", "3")], [a_fill(price="100", size="1", fee="0")]
    )

    assert deposited.cost is None
    assert (partly.covered, partly.cost) == (1, 100)


def test_more_sold_than_was_seen_bought_leaves_no_negative_holding() -> None:
    (holding,) = holdings_of(
        [a_balance("BTC", "5")], [a_fill(1, size="1"), a_fill(2, side=Side.SELL, size="3", at=NOON + 1)]
    )

    assert holding.covered == 0
    assert holding.cost is None


@given(fills(), st.integers(0, 5))
def test_cost_and_cover_are_never_negative_nor_more_than_was_paid(history: list[Fill], held: int) -> None:
    paid = sum(
        (
            Fraction(fill.value) + max(Fraction(0), Fraction(fill.fee) * max(1, Fraction(fill.price)))
            for fill in history
            if fill.side is Side.BUY
        ),
        Fraction(0),
    )
    for holding in holdings_of([a_balance(name, str(held)) for name in ("BTC", "ETH")], history):
        assert 0 <= holding.covered <= holding.quantity
        if holding.cost is not None:
            assert Fraction(holding.cost) <= paid * (1 + Fraction(1, 10**9))


def test_several_accounts_in_a_currency_are_one_holding_and_empty_ones_none() -> None:
    holdings = holdings_of([a_balance("BTC", "1"), a_balance("BTC", "2", "1"), a_balance("ETH", "0")], [])

    assert [(holding.currency, holding.quantity, holding.available) for holding in holdings] == [("BTC", 4, 3)]


def test_what_has_no_price_is_named_and_does_not_count_as_nothing() -> None:
    holdings = [
        Holding("BTC", D(1), D(1), D(1), D(50)),
        Holding("ODD", D(1000), D(1000), D(1000), D(500)),
        Holding("USDC", D(100), D(100)),
    ]
    portfolio = portfolio_of(holdings, {"BTC-USD": D(100)}, {})
    odd = portfolio.holdings[-1]

    assert (odd.holding.currency, odd.value, odd.gain, odd.share_percent) == ("ODD", None, None, None)
    assert not odd.is_dust
    assert portfolio.unpriced == ("ODD",)
    assert (portfolio.value, portfolio.cost, portfolio.gain, portfolio.gain_percent) == (200, 50, 50, 100)


def test_shares_are_of_the_value_and_sum_to_a_hundred() -> None:
    holdings = [Holding("BTC", D(1), D(1)), Holding("ETH", D(3), D(3))]
    portfolio = portfolio_of(holdings, {"BTC-USD": D(100), "ETH-USDT": D(100)}, {})

    assert [(view.holding.currency, view.share_percent) for view in portfolio.holdings] == [("ETH", 75), ("BTC", 25)]


def test_less_than_a_dollar_is_dust() -> None:
    holdings = [Holding("BTC", D("0.009"), D(0)), Holding("ETH", D("0.01"), D(0))]
    portfolio = portfolio_of(holdings, {"BTC-USD": D(100), "ETH-USD": D(100)}, {})

    assert {view.holding.currency: view.is_dust for view in portfolio.holdings} == {"BTC": True, "ETH": False}


def test_each_holding_shows_its_market_on_every_timeframe() -> None:
    values = {Timeframe.H1: 60.0, Timeframe.H4: 70.0, Timeframe.D1: 5.0}
    portfolio = portfolio_of([Holding("BTC", D(1), D(1))], {"BTC-USD": D(100)}, {"BTC-USD": values})
    (view,) = portfolio.holdings

    assert view.symbol == "BTC-USD"
    assert dict(view.values) == {Timeframe.M5: None, Timeframe.M15: None, **values}
    assert view.outlook is Outlook.STRONG_BUY


def test_a_market_without_a_price_still_shows_its_readings() -> None:
    portfolio = portfolio_of([Holding("BTC", D(1), D(1))], {}, {"BTC-USDT": {Timeframe.H1: 1.0}})

    assert portfolio.holdings[0].symbol == "BTC-USDT"
    assert portfolio.holdings[0].value is None


def test_an_empty_account_is_an_empty_portfolio() -> None:
    portfolio = portfolio_of([], {}, {})

    assert (portfolio.holdings, portfolio.value, portfolio.gain_percent) == ((), 0, None)


def test_a_currency_is_watched_on_its_most_traded_open_dollar_market() -> None:
    def listed(base: str, quote: str, volume: float | None, *, is_trading: bool = True) -> Instrument:
        return Instrument(f"{base}-{quote}", base + quote, base, quote, is_trading, volume)

    instruments = [
        listed("BTC", "USD", 5.0),
        listed("BTC", "USDT", 50.0),
        listed("BTC", "EUR", 500.0),
        listed("ETH", "USD", None),
        listed("OLD", "USD", 9.0, is_trading=False),
        listed("USDC", "USD", 9.0),
        listed("ADA", "USD", 9.0),
    ]

    assert dollar_markets(instruments, ["BTC", "ETH", "OLD", "USDC"]) == {"BTC": "BTC-USDT", "ETH": "ETH-USD"}
