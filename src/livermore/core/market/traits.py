"""What distinguishes one exchange from another, as far as candles are concerned."""

from dataclasses import dataclass

from livermore.core.market.timeframe import Millis


@dataclass(frozen=True, slots=True)
class ExchangeTraits:
    """How an exchange tells of candles.

    `grace` is how long after a bucket's end its last news may still come. `rows_per_request` is the most candles one
    request is answered with. `lists_silence` says that its history has rows for buckets without trades too, so that a
    missing newest row has merely not been written yet.
    """

    grace: Millis
    rows_per_request: int
    lists_silence: bool
