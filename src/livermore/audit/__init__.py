"""The audit: every alert computed again from the candles alone, and compared with what was raised."""
