"""The front door: everything that knows how an exchange speaks."""
