"""What a team does and what became of those whom it saw: observed, expected without it, and compared with others."""
