"""Each step of a team, in one transaction with its history and its line in the trail."""
