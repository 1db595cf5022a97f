"""How whoever asks proves who they are; each attempt is told to the audit trail before it is answered."""
