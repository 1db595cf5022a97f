"""What the command line does as somebody of a demonstration place."""
