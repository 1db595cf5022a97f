"""What things of a meeting are, what may happen to each, and what people fill in. Pure."""
