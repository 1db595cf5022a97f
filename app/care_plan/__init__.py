"""The personalised care and support plan: one for each person, whoever leads it."""
