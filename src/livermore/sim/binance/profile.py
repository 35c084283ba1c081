"""Where Binance and Binance US differ."""

from dataclasses import dataclass

from livermore.core.market.timeframe import MINUTE, SECOND, Millis


@dataclass(frozen=True, slots=True)
class Profile:
    """One edition of Binance: its budgets and its patience.

    The weights of a ticker are for one symbol (or up to 20), for up to 100, and for more or all.
    """

    weight_per_minute: int
    raw_requests_per_5_minutes: int
    klines_weight: int
    exchange_info_weight: int
    ticker_weights: tuple[int, int, int]
    price_weights: tuple[int, int]
    ping_every: Millis
    pong_within: Millis
    announces_shutdown: bool


BINANCE_COM = Profile(
    weight_per_minute=6_000,
    raw_requests_per_5_minutes=300_000,
    klines_weight=2,
    exchange_info_weight=20,
    ticker_weights=(2, 40, 80),
    price_weights=(2, 4),
    ping_every=20 * SECOND,
    pong_within=MINUTE,
    announces_shutdown=True,
)
BINANCE_US = Profile(
    weight_per_minute=1_200,
    raw_requests_per_5_minutes=6_100,
    klines_weight=1,
    exchange_info_weight=10,
    ticker_weights=(1, 20, 40),
    price_weights=(1, 2),
    ping_every=3 * MINUTE,
    pong_within=10 * MINUTE,
    announces_shutdown=False,
)
