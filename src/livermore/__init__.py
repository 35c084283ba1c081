"""Livermore watches crypto markets and speaks only when something happened."""

__version__ = "0.1.0"
