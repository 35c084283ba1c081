"""The simulated Binance, in its international and its US edition."""
