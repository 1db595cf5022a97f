"""Risk scores: published algorithms carried out exactly, each result with what it rests on."""
