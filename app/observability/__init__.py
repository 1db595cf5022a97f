"""What can be seen of a place that runs, none of which names a person."""
