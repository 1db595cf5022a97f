"""What the law or the agreement keeps back by its code, and what that makes of what is held."""
