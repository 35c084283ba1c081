"""Redis: the truth about the market now."""
