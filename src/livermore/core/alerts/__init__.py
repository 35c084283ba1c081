"""Rules, what they remember, and the alerts they raise."""
