"""What partners' systems send, and what they are answered."""
