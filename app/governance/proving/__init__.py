"""What an agreement does, and what another would change: every cell, past decisions, people."""
