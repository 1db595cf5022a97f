"""How pages say things: what the record holds, what fields are called, and the words of other professions."""
