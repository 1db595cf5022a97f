"""What waits for a person, and settling it."""
