"""Serving a place over HTTP until told to stop."""

import os
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog
import uvicorn

from app.database.migrate import demand_answer
from app.errors import DomainError
from app.front.heads import Heads
from app.identity.providers.provider import read_providers
from app.main import create_app
from app.mdt.reading.followers import Followers
from app.observability.logs import log_as_json
from app.observability.metrics import count_together
from app.place import law_and_key
from app.processes import NOT_STARTED, is_left_alone, side_by_side
from app.settings import Settings
from app.sharing.checked.sign_in_roles import check_roles

_MOST_PROCESSES: Final = 4  # as each takes memory, and a container may be let use fewer cores


class PortTaken(DomainError):
    """Nobody can listen where a place is to be served."""


def demand_port(host: str, port: int) -> None:
    """See that a place can be served there, before work is done for it; raises `PortTaken`."""
    bound(host, port).close()


def bound(host: str, port: int) -> socket.socket:
    """A socket that is to be listened at there; raises `PortTaken`."""
    opened = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what of it was closed just now may linger
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        told = f"nobody can listen at {host}:{port} ({os.strerror(error.errno or 0)}); choose another port"
        raise PortTaken(f"{told}, with --port or `make demo PORT=`") from None
    return opened


def serve(place: Settings, url: str, *, host: str = "127.0.0.1", port: int) -> None:
    """Answer requests; the database at `url` stays the caller's. Nothing that a log holds tells of a person.

    Raises what `law_and_key` and `read_providers` do, `UnknownRoles`, `PortTaken` and `UnsuitableDatabase`, before
    anything is listened at.
    """
    with bound(host, port) as listening:
        demand_answer(url)
        agreements, _ = law_and_key(place, at=datetime.now(UTC))
        roles = check_roles(
            read_providers(place.sign_in_providers) if place.sign_in_providers else {}, agreements.documents
        )
        roles.demand()
        log_as_json(place.log_level)
        for doubt in roles.doubtful:
            structlog.get_logger().warning("a sign-in provider and the agreements differ", doubt=doubt)
        if not place.signed_agreements:
            structlog.get_logger().warning("agreements are served as their files state, unsigned")
        reached_at = place.model_copy(update={"public_url": place.public_url or f"http://{host}:{port}"})
        many = processes(place)
        if many == 1:
            _answer(reached_at, url, listening, processes=1, push_processes=_push_processes(place))
            return
        with TemporaryDirectory(prefix="pisano-figures-") as figures:

            def answer(number: int) -> None:
                count_together(Path(figures), number)
                filing = _share(_push_processes(place), number, many)
                _answer(reached_at, url, listening, processes=many, push_processes=filing)

            if not side_by_side(answer, many):
                sys.exit(NOT_STARTED)


def _answer(place: Settings, url: str, listening: socket.socket, *, processes: int, push_processes: int) -> None:
    """In this process, one of so many, until told to stop; ends it where it cannot begin."""
    followers = Followers(url)
    config = uvicorn.Config(
        create_app(place, url, followers, processes=processes, push_processes=push_processes),
        log_config=None,
        access_log=False,  # paths are told by their template alone, in our own log
        server_header=False,
        loop="uvloop",
        http=Heads,
        ws="none",
        timeout_graceful_shutdown=10,
    )
    server = FollowedServer(config, followers)
    with suppress(KeyboardInterrupt):
        server.run([listening])
    if not server.started:
        sys.exit(NOT_STARTED)


def processes(place: Settings) -> int:
    """How many answer: as the place wants; else one for two cores, as PostgreSQL needs half of one beside it."""
    return place.service_processes or max(1, min((os.cpu_count() or 1) // 2, _MOST_PROCESSES))


def _push_processes(place: Settings) -> int:
    """As many as the place wants; else one more than cores, so that none idles while one waits for the disk."""
    return min((os.cpu_count() or 1) + 1, _MOST_PROCESSES) if place.push_processes is None else place.push_processes


def _share(push_processes: int, number: int, many: int) -> int:
    """How many of those that file belong to one of those that answer: one at least, where any do."""
    return max(1, push_processes // many + (number < push_processes % many)) if push_processes else 0


class FollowedServer(uvicorn.Server):
    """Lets those who follow a meeting go before it waits for answers to end: theirs would go on.

    One of several ends by itself where whoever began them is gone.
    """

    def __init__(self, config: uvicorn.Config, followers: Followers) -> None:
        super().__init__(config)
        self._followers = followers

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop; asked ten times a second."""
        self.should_exit = self.should_exit or is_left_alone()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, answer whoever asked, and end."""
        self._followers.close()
        await super().shutdown(sockets)
