"""Who is signed in: sessions are kept here, and a browser holds no more than a random number."""
