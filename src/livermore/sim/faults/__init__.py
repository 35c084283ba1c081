"""Faults on demand: what goes wrong on a simulated exchange, when, and how often."""
