"""The agreement as people sign it, and as other systems read it. Pure."""
