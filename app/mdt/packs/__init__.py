"""The pack: what its reader may see of everyone on the agenda."""
