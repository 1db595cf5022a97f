"""Pages for whom the agreements let answer for them: what they say, who looked and why, and what was odd."""
