"""What is known about a person."""
