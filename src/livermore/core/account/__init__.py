"""What belongs to people: settings, symbols, accounts, fees, holdings."""
