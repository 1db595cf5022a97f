"""Who might be helped, and always why: scores, and the need that scores miss."""
