"""Pages of one meeting: its agenda, who comes, the pack, the scribe's screen and the wall, its minutes."""
