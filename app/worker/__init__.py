"""The background process: it takes messages from partners, files what waits in the inbox, and does what falls due."""
