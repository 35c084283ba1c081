"""How values are spelled in Redis: JSON with camelCase names, floats kept bit for bit."""
