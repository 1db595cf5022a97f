"""Partners' systems: what each is registered for, and how it proves that it is the one that asks."""
