"""How parties sign a version, and the life that it has; what is in force by it."""
