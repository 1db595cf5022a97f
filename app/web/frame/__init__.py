"""What every page stands in: its layout, its words, what is typed on it, and who looks."""
