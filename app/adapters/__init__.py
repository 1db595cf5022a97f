"""How each partner speaks: bytes in; statements and findings out. Pure: no clock, no database, no network."""
