"""What waits for the privacy officer, and what became of it."""
