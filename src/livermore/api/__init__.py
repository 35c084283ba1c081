"""The window: HTTP and a live stream over what the stores hold; it acts only by putting commands on the bus."""
