"""Whether the trail is whole: checked, sealed, its heads signed and given to others, and written out for them."""
