from core.builders import DAWN, SYMBOL
from livermore.core.indicators.reading import Quality, Reading, Stage
from livermore.core.market.timeframe import Timeframe


def test_a_reading_is_of_the_close_of_its_candle() -> None:
    quality = Quality(26, 1.0, 0.0, is_confirmed=False)
    for timeframe in Timeframe:
        reading = Reading(SYMBOL, timeframe, DAWN, 1.0, 1.0, 1.0, 1.0, 0.0, None, None, Stage.UNKNOWN, quality)
        assert reading.closes_at == DAWN + timeframe.millis
