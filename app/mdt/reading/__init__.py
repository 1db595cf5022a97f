"""What whoever asks may see of a team's work."""
