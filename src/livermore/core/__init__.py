"""What decides: pure code without I/O, await, clock or randomness."""
