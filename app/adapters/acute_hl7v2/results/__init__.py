"""What was found and written: reports, observations and documents."""
