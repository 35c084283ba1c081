"""People's phones and channels: what an alert looks like there and how it gets there."""
