"""How HL7 v2 writes a message: its frames, segments, times, names and codes, whomever it is about."""
