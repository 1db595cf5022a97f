"""Sign-in providers: which there are, what they must prove, and what they say of somebody."""
