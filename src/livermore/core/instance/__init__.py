"""What an instance is: its states and what it says of itself."""
