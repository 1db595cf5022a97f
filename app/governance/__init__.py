"""How an agreement is proved, signed and watched over, and how its exceptions are opened and closed."""
