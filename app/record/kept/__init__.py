"""How it is kept: filed in versions, moved with its person, ended, told to those who asked."""
