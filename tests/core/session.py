"""A wild session of an engine, the same for the same seed, and its transcript."""

import hashlib
import random

from core.builders import DAWN, STEP, a_candle
from core.venue import GRACE, Venue, check_commits, quiet
from livermore.core.market.timeframe import SECOND
from livermore.core.messages import CandlesFetched, FetchCandles, FetchRefused, FramesLost, LinkDown, SymbolsRefused

SYMBOLS = ("ADA-USD", "BTC-USD", "DOGE-USD", "ETH-USD", "SOL-USD", "XRP-USD", "ZEC-USD")
BUCKETS = 120


def transcript(seed: int) -> str:
    """The digest of all effects of a session with breaks, losses, refusals and moves of many symbols."""
    dice = random.Random(seed)
    venue = Venue(SYMBOLS)
    prices = dict.fromkeys(SYMBOLS, 100.0)
    link = 1
    venue.up(DAWN + SECOND, *SYMBOLS, link=link, proves_silence=True)
    for number in range(BUCKETS):
        opened_at = DAWN + number * STEP
        for symbol in SYMBOLS:
            if dice.random() < 0.8:
                before = prices[symbol]
                prices[symbol] = before * (1 + dice.gauss(0.0, 0.02))
                candle = a_candle(number, prices[symbol], open=before, symbol=symbol, volume=dice.random() + 1)
                venue.see(candle, opened_at + dice.randrange(60) * SECOND, link=link)
        fate = dice.random()
        if fate < 0.05:
            venue.tell(LinkDown(link, "dice"))
            link += 1
            venue.up(opened_at + 100 * SECOND, *SYMBOLS, link=link, proves_silence=dice.random() < 0.5)
        elif fate < 0.1:
            venue.tell(FramesLost(link, opened_at + 100 * SECOND, "dice"))
        elif fate < 0.13:
            venue.tell(SymbolsRefused(link, frozenset(dice.sample(SYMBOLS, 3)), "dice"))
        venue.hear(opened_at + STEP + GRACE, link=link)
        settle(venue, dice)
    for symbol in SYMBOLS:
        check_commits(venue.commits(symbol))
    assert sum(len(venue.alerts(symbol)) for symbol in SYMBOLS) > 0
    return hashlib.sha256(repr(venue.effects).encode()).hexdigest()


def settle(venue: Venue, dice: random.Random) -> None:
    """Answer some of what is asked, refuse a little, leave the rest for later."""
    waiting, venue.pending = venue.pending, []
    for order in waiting:
        fate = dice.random()
        if fate < 0.6:
            venue.tell(CandlesFetched(order, some(order, dice)))
        elif fate < 0.65:
            venue.tell(FetchRefused(order, "dice"))
        else:
            venue.pending.append(order)


def some(order: FetchCandles, dice: random.Random) -> tuple:
    return tuple(candle for candle in quiet(order) if dice.random() < 0.95)
