"""Time and prices: timeframes, candles, series and how they close."""
