"""Fills for the tests of accounts: readable by default, drawn by Hypothesis where sums must always hold."""

from decimal import Decimal

from hypothesis import strategies as st

from livermore.core.account.account import Fill, Side

NOON = 1_795_348_800_000  # 2026-11-22 12:00 UTC


def a_fill(
    number: int = 1,
    symbol: str = "BTC-USD",
    side: Side = Side.BUY,
    *,
    price: str = "100",
    size: str = "1",
    fee: str = "0.6",
    fee_currency: str | None = None,
    order: str | None = None,
    at: int = NOON,
) -> Fill:
    """A fill whose value is price times size and whose fee is in the quote currency, unless told otherwise."""
    return Fill(
        id=f"fill-{number}",
        order_id=order or f"order-{number}",
        symbol=symbol,
        side=side,
        filled_at=at,
        price=Decimal(price),
        size=Decimal(size),
        value=Decimal(price) * Decimal(size),
        fee=Decimal(fee),
        fee_currency=fee_currency or symbol.partition("-")[2],
    )


def _decimals(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=8, allow_nan=False, allow_infinity=False)


@st.composite
def fills(draw: st.DrawFn) -> list[Fill]:
    """Fills of a few symbols over a few months, with fees of every kind."""
    count = draw(st.integers(0, 25))
    found = []
    for number in range(count):
        symbol = draw(st.sampled_from(["BTC-USD", "ETH-USD", "ETH-USDT", "ADA-BTC"]))
        base, quote = symbol.split("-")
        price, size = draw(_decimals("0.00000001", "90000")), draw(_decimals("0.00000001", "1000"))
        found.append(
            Fill(
                id=str(number),
                order_id=str(draw(st.integers(0, 9))),
                symbol=symbol,
                side=draw(st.sampled_from(Side)),
                filled_at=draw(st.integers(1_780_000_000_000, 1_800_000_000_000)),
                price=price,
                size=size,
                value=price * size,
                fee=draw(_decimals("-1", "50")),
                fee_currency=draw(st.sampled_from([base, quote, "BNB"])),
            )
        )
    return found
