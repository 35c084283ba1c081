"""Numbers computed from closed candles."""
