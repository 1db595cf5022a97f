"""Whom a message is about: the person, their family, and changes of whose record is whose."""
