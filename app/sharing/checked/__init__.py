"""Whether an agreement holds together and does what its authors said of it."""
