"""The commands of an information governance lead."""
