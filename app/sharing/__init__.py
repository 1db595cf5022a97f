"""What the agreements permit. Pure but for the stores of facts."""
