"""What Binance computes about a row: averages, changes, the takers' share, as it writes them."""

from livermore.sim.instruments import Listed
from livermore.sim.numbers import fixed
from livermore.sim.rows import Row

# The takers' share of all volume, in percent; nothing we watch depends on it.
TAKERS_PERCENT = 48


def price(listed: Listed, value: int) -> str:
    """A price with eight places."""
    return fixed(value, listed.price_decimals)


def size(listed: Listed, value: int) -> str:
    """A quantity with eight places."""
    return fixed(value, listed.size_decimals)


def turnover(listed: Listed, value: int) -> str:
    """A worth with eight places."""
    return fixed(value, listed.turnover_decimals)


def takers(row: Row) -> tuple[int, int]:
    """The takers' part of volume and turnover."""
    return row.volume * TAKERS_PERCENT // 100, row.turnover * TAKERS_PERCENT // 100


def average_price(listed: Listed, row: Row) -> str:
    """Worth over volume."""
    if not row.volume:
        return fixed(0, 0)
    shift = listed.price_decimals + listed.size_decimals - listed.turnover_decimals
    return price(listed, row.turnover * 10**shift // row.volume)


def change_percent(row: Row) -> str:
    """By how many percent the price has changed, with three places."""
    return f"{(row.close - row.open) / row.open * 100:.3f}" if row.open else "0.000"
