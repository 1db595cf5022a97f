"""A place that does not exist, with people who never lived, to see and test the whole of Pisano with."""
