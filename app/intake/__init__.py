"""How messages arrive, and how they become entries."""
