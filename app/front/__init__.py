"""What every request and answer passes: the hottest routes first, how much is read, which door, what is wrong."""
