"""`python -m app.database.postgres FOLDER SOCKETS DURABLE`: the keeper, given the first user's line as input."""

import sys

from app.database.postgres.keeper import main

main(*sys.argv[1:])
