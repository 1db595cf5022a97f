"""How bytes arrive: kept on disk before anyone is told."""
