"""`python -m app.postgres FOLDER SOCKETS DURABLE`: the keeper, with the first user's line as its standard input."""

import sys

from app.postgres.keeper import main

main(*sys.argv[1:])
