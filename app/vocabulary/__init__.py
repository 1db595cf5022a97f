"""Values that every other package speaks; pure, and importing nothing of the house."""
