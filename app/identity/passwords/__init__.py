"""Passwords of local accounts: which are allowed, how they are checked, and what too many wrong ones lead to."""
