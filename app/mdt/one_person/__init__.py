"""What may be read of one person, put in order: their entries, their stays and visits, their use of hospital. Pure."""
