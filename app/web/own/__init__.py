"""Pages of whoever signed in for themselves: who looked at their record, and nothing else."""
