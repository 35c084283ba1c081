"""Servers from wheels, for a machine that has none."""
