"""Binance and Binance US."""
