"""Where a place's database is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.database.postgres.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from app.settings import Settings  # the keeper, which loads this package too, stays small without it


@contextmanager
def database_address(settings: "Settings") -> Iterator[str]:
    """The server that DATABASE_URL names, else the embedded one, which runs for as long as the block does.

    The address holds a password: never to be logged. Raises `PostgresUnavailable`.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with EmbeddedPostgres(settings.var / "postgres") as postgres:
        yield postgres.url
