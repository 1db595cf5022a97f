"""Reading and searching, from what one decision permits of one person."""
