"""What was disclosed, to whom, and why it was allowed."""
