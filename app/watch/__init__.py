"""Who looks at records as they should not: odd use of the trail found, explained, and told to each partner."""
