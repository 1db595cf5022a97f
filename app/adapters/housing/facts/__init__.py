"""What the rows of a housing feed say of one person, topic by topic."""
