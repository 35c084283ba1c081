"""Symbols as they are shown: who watches what, and what an exchange lists."""

from collections.abc import Sequence

from pydantic import Field

from livermore.api.models.shape import Asked, Instant, Money, Shown


class QualityOfSymbol(Shown):
    """How well a symbol is known, over its five timeframes."""

    candles: int = Field(description="of the shortest series", examples=[300])
    convergence: float | None = Field(description="of the least settled series", examples=[2.1e-05])
    empty_ratio: float | None = Field(description="of 5m", examples=[0.0])
    newest_close: Instant | None = Field(description="of 5m")


class SymbolShown(Shown):
    """A symbol that is watched: for everybody (tier 1), or for one user (tier 2)."""

    symbol: str = Field(examples=["BTC-USD"])
    tier: int = Field(examples=[1])
    rank: int | None = Field(description="by volume over 24 h", examples=[1])
    volume: Money | None = Field(description="over 24 h, in the quote currency")
    user: str | None = Field(description="whose it is, in tier 2")
    is_active: bool = Field(description="false where it was removed and is not watched any more")
    quality: QualityOfSymbol | None = Field(description="null where there is no series yet")


class SymbolAsked(Asked):
    """A symbol to be watched; with `tier` 2 for oneself alone."""

    symbol: str = Field(min_length=3, max_length=40, examples=["BTC-USD"])
    tier: int = Field(default=1, ge=1, le=2)


class SymbolsAsked(Asked):
    """A pasted list: one symbol a line, separated by commas, or a JSON array of texts."""

    text: str = Field(min_length=1, max_length=100_000, examples=["BTC-USD, ETH-USD"])
    tier: int = Field(default=1, ge=1, le=2)


class VerdictShown(Shown):
    """What became of one entry of a list."""

    line: int = Field(examples=[1])
    text: str = Field(examples=["BTC-USD"])
    symbol: str | None = Field(examples=["BTC-USD"])
    reason: str | None = Field(description="why it means no symbol to be added", examples=[None])


class SymbolsPlanned(Shown):
    """What a list means before anything is done with it."""

    verdicts: Sequence[VerdictShown]
    symbols: Sequence[str] = Field(description="to be added, as a command")


class InstrumentShown(Shown):
    """What an exchange lists."""

    symbol: str = Field(examples=["BTC-USD"])
    base: str = Field(examples=["BTC"])
    quote: str = Field(examples=["USD"])
    is_trading: bool
    quote_volume_24h: float | None = Field(alias="quoteVolume24h", examples=[1.2e9])
    is_watched: bool


class WatchlistAsked(Asked):
    """Symbols for one's own list."""

    symbols: Sequence[str] = Field(min_length=1, max_length=200, examples=[["BTC-USD"]])
