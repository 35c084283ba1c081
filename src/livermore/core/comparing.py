"""REST's word on candles at hand: what it confirms, what it corrects, and what it has to say twice to be believed."""

from dataclasses import dataclass

from livermore.core.market.candle import Candle, is_same_market
from livermore.core.market.series import Series
from livermore.core.market.timeframe import BASE, Millis
from livermore.core.messages import CandlesFetched
from livermore.core.watched import WatchedSeries


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an answer means to the candles at hand; with `is_to_be_repeated` the same is to be asked once more."""

    confirmed: tuple[Candle, ...]
    corrected: tuple[Candle, ...]
    is_to_be_repeated: bool


def compared(
    series: WatchedSeries, base: Series, answer: CandlesFetched, settled: Millis, *, lists_silence: bool
) -> Comparison:
    """Compare an answer with the candles of `series`, of which `base` are the 5m ones.

    What has closed after `settled` is left alone: REST may not have all of it yet. That it leaves out a bucket confirms
    silence; of a traded one it has merely not heard yet.
    """
    found = {candle.opened_at: candle for candle in answer.candles}
    last = max(found, default=answer.order.since)
    confirmed: list[Candle] = []
    corrected: list[Candle] = []
    is_to_be_repeated = False
    for held in series.series.since(answer.order.since):
        if held.opened_at >= answer.order.until or held.closes_at > settled:
            break
        said = found.get(held.opened_at)
        if said is None:
            is_silence = held.is_empty and (held.opened_at < last or not lists_silence)
            if is_silence and not held.is_confirmed:
                confirmed.append(held)
            if not is_silence and not held.is_confirmed and held.opened_at < last:
                series.was_left_out(held.opened_at)
        elif is_same_market(held, said):
            if not held.is_confirmed:
                confirmed.append(said)
        elif _is_believed(series, base, held, said):
            corrected.append(said)
        else:
            is_to_be_repeated = True
    return Comparison(tuple(confirmed), tuple(corrected), is_to_be_repeated)


def _is_believed(series: WatchedSeries, base: Series, held: Candle, said: Candle) -> bool:
    """Whether what REST says takes the place of a candle that it contradicts.

    A longer row may be behind while its 5m candles are right, and nobody would look again for a whole timeframe. So
    where it contradicts what they fold into, it is believed when it says so again; an exchange may fold otherwise.
    """
    if held.timeframe is BASE:
        return True
    folded = base.folded(held.timeframe, held.opened_at)
    if folded is None or not is_same_market(folded, held):
        return True
    return series.is_said_again(said)
