"""The fair price of an asset at every 5m boundary there ever was or will be.

A price is a product of zigzags on several scales, from hours to months. The knots of a zigzag are random numbers looked
up by their place, so a price is found without walking there. A zigzag whose leg lasts about 64 candles of a timeframe
gives that timeframe its trends; legs that hardly move are its calm ranges, and knots are its reversals. The scales of
all assets share part of their knots with the market. Only exactly rounded arithmetic is used: a price is the same
number whatever range it is asked for in.
"""

from dataclasses import dataclass

import numpy as np

from livermore.sim.noise import Floats, Ints, chance_of, key_of, uniform, uniforms


@dataclass(frozen=True, slots=True)
class Scale:
    """One zigzag: the usual length of a leg in 5m buckets, and how far it swings, in units of the volatility.

    `share` is how much of an asset's swings is the market's, and `lag` by how much of a leg assets come after it.
    """

    name: str
    leg: int
    swing: float
    share: float
    lag: float


# Slow zigzags of about 64 candles of a timeframe are its trends; the quicker ones between them are the disorder that
# its average true range measures. The swings grow with the length of the leg to the power 0.62: with more the market
# is one endless trend, with less (0.5 is a random walk) no trend stands out from its candles. The market moves the
# noise of all assets together, and their trends sooner or later: if those turned at once, all symbols would be at
# their extremes together or none.
SCALES = (
    Scale("5m trend", 64, 16.0, 0.2, 0.6),
    Scale("15m trend", 208, 33.0, 0.2, 0.6),
    Scale("1h trend", 800, 77.0, 0.2, 0.6),
    Scale("4h trend", 3_200, 240.0, 0.2, 0.6),
    Scale("1d trend", 18_000, 317.0, 0.2, 0.6),
    Scale("5m noise", 5, 2.5, 0.4, 0.0),
    Scale("15m noise", 20, 6.0, 0.4, 0.0),
    Scale("1h noise", 80, 14.0, 0.4, 0.0),
    Scale("4h noise", 320, 28.0, 0.4, 0.0),
    Scale("1d noise", 1_280, 78.0, 0.4, 0.0),
)
_MOST_SWING = 0.6


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset's price: its middle, and the size of a usual 5m move as a fraction of the price."""

    base: str
    middle: float
    volatility: float


def fair_price(seed: int, asset: Asset, first: int, count: int) -> Floats:
    """The fair price at `count` consecutive boundaries (numbers of 5m buckets since 1970), in the quote currency."""
    boundaries = np.arange(first, first + count, dtype=np.int64)
    places = boundaries.astype(np.float64)
    price = np.full(count, asset.middle)
    for scale in SCALES:
        price *= _zigzag(seed, asset, scale, places, first)
    one, other = uniforms(key_of(seed, "jitter", asset.base), boundaries, 2)
    one += other
    one -= 1.0
    one *= asset.volatility
    one += 1.0
    price *= one
    return price


def _zigzag(seed: int, asset: Asset, scale: Scale, places: Floats, first: int) -> Floats:
    """The factor of one scale: straight lines between knots, each line repeated along the boundaries it spans."""
    shift = int(scale.leg * scale.lag * chance_of(seed, "phase", scale.name, asset.base))
    start, end = first + shift, first + shift + len(places)
    knots = np.arange(start // scale.leg - 1, (end - 1) // scale.leg + 2, dtype=np.int64)
    where, own = uniforms(key_of(seed, "knot", scale.name, asset.base), knots, 2)
    place = (knots + (0.2 + 0.6 * where)) * scale.leg
    level = _levels(seed, scale, knots, own) * min(scale.swing * asset.volatility, _MOST_SWING)
    slope = (level[1:] - level[:-1]) / (place[1:] - place[:-1])
    base = 1.0 + level[:-1] + slope * (shift - place[:-1])
    edges = np.clip(np.ceil(place), start, end).astype(np.int64)
    spans = edges[1:] - edges[:-1]
    factor: Floats = np.repeat(slope, spans)
    factor *= places
    factor += np.repeat(base, spans)
    return factor


def _levels(seed: int, scale: Scale, knots: Ints, own: Floats) -> Floats:
    market = uniform(key_of(seed, "level", scale.name), knots)
    mixed = scale.share * market + (1.0 - scale.share) * own
    # Spread the levels towards the edges, so that legs are worth following.
    return np.clip((mixed * 2.0 - 1.0) * 1.6, -1.0, 1.0)
