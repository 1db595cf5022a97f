"""`pisano isa`."""
