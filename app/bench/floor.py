"""The floor under a view: a bare ASGI handler that reads the same bytes by primary key from the same PostgreSQL."""

from collections.abc import Iterable
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool
from starlette.types import Receive, Scope, Send

from app.database.transactions import Role, plain_address
from app.place import SESSION, pool_size

_READ = "SELECT answer FROM bench_floor WHERE person_id = %b"


def keep_answers(url: str, answers: Iterable[tuple[UUID, bytes]]) -> None:
    """Put the bytes that the service answers where the floor reads them: uncompressed, one row a person."""
    with psycopg.connect(plain_address(url)) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_floor")
        connection.execute(
            "CREATE TABLE bench_floor (person_id uuid PRIMARY KEY, answer bytea STORAGE EXTERNAL NOT NULL)"
        )
        connection.execute(f"GRANT SELECT ON bench_floor TO {Role.SERVICE}")  # as whom the floor reads too
        with connection.cursor().copy("COPY bench_floor FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(("uuid", "bytea"))
            for row in answers:
                copy.write_row(row)


class Floor:
    """`GET /UUID`, in one of so many processes."""

    def __init__(self, url: str, *, processes: int) -> None:
        size = pool_size(processes)
        self._pool = AsyncConnectionPool(
            plain_address(url), min_size=size, max_size=size, kwargs=dict(SESSION), open=False
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        async with self._pool.connection() as connection:
            cursor = connection.cursor(binary=True)
            await cursor.execute(_READ, (UUID(scope["path"][1:]),))
            row = await cursor.fetchone()
        assert row is not None  # noqa: S101  # the client asks for those that were kept
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(row[0])).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": row[0]})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._pool.open(wait=True)
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._pool.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
