"""Where each thing of a team can stand, what can follow, and who may bring it about: as tables."""
