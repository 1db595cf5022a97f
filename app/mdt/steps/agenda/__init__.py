"""The agenda of a meeting: who could be on it, who is put on it, what is settled, who moves to the next."""
