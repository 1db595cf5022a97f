"""Pages for data managers: what partners send, how good it is, and whose it may be."""
