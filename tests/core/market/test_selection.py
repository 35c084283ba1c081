"""Which symbols everybody watches."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.core.market.instrument import Instrument
from livermore.core.market.selection import DOLLARS, STABLE, most_traded


def listed(base: str, quote: str, volume: float | None, *, is_trading: bool = True) -> Instrument:
    return Instrument(f"{base}-{quote}", f"{base}{quote}", base, quote, is_trading, volume)


def test_the_most_traded_come_first_and_only_so_many() -> None:
    instruments = [listed("BTC", "USD", 9.0), listed("ETH", "USD", 10.0), listed("SOL", "USD", 1.0)]

    assert most_traded(instruments, 2) == ("ETH-USD", "BTC-USD")


def test_stable_coins_other_quotes_and_suspended_symbols_are_left_out() -> None:
    instruments = [
        listed("USDT", "USD", 100.0),
        listed("ETH", "BTC", 90.0),
        listed("LUNA", "USD", 80.0, is_trading=False),
        listed("BTC", "USD", 1.0),
    ]

    assert most_traded(instruments, 10) == ("BTC-USD",)


def test_of_several_dollars_the_most_traded_one_is_watched() -> None:
    instruments = [listed("BTC", "USDC", 1.0), listed("BTC", "USDT", 5.0), listed("ETH", "USD", None)]

    assert most_traded(instruments, 10) == ("BTC-USDT", "ETH-USD")


@given(
    st.lists(
        st.builds(
            listed,
            st.sampled_from(["BTC", "ETH", "DOGE", "USDC", "EUR"]),
            st.sampled_from(["USD", "USDT", "BTC"]),
            st.none() | st.floats(0, 1e12),
            is_trading=st.booleans(),
        )
    ),
    st.integers(0, 5),
)
def test_no_base_twice_none_stable_and_the_order_of_the_listing_does_not_matter(
    instruments: list[Instrument], count: int
) -> None:
    chosen = most_traded(instruments, count)
    bases = [symbol.split("-")[0] for symbol in chosen]

    assert len(chosen) <= count
    assert len(set(bases)) == len(bases)
    assert not set(bases) & STABLE
    assert all(symbol.split("-")[1] in DOLLARS for symbol in chosen)
    assert most_traded(reversed(instruments), count) == chosen
