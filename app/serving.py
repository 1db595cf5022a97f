"""Serving a place over HTTP until told to stop."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from socket import AF_INET, AF_INET6, create_server, socket
from typing import Final

import structlog
import uvicorn

from app.database.migrate import demand_answer
from app.errors import DomainError
from app.identity.providers.provider import read_providers
from app.main import create_app
from app.mdt.reading.followers import Followers
from app.observability.logs import log_as_json
from app.place import law_and_key
from app.settings import Settings
from app.sharing.checked.sign_in_roles import check_roles

_MOST_PROCESSES: Final = 4  # as each takes memory, and a container may be let use fewer cores
_NOT_STARTED: Final = 3  # as uvicorn's own command ends


class PortTaken(DomainError):
    """Nobody can listen where a place is to be served."""


def demand_port(host: str, port: int) -> None:
    """See that a place can be served there, before work is done for it; raises `PortTaken`."""
    try:
        create_server((host, port), family=AF_INET6 if ":" in host else AF_INET).close()
    except OSError as error:
        told = f"nobody can listen at {host}:{port} ({os.strerror(error.errno or 0)}); choose another port"
        raise PortTaken(f"{told}, with --port or `make demo PORT=`") from None


def serve(place: Settings, url: str, *, host: str = "127.0.0.1", port: int) -> None:
    """Answer requests; the database at `url` stays the caller's. Nothing that a log holds tells of a person.

    Raises what `law_and_key` and `read_providers` do, `UnknownRoles`, `PortTaken` and `UnsuitableDatabase`, before
    anything is listened at.
    """
    demand_port(host, port)
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
    followers = Followers(url)
    config = uvicorn.Config(
        create_app(reached_at, url, followers, push_processes=_push_processes(place)),
        host=host,
        port=port,
        log_config=None,
        access_log=False,  # paths are told by their template alone, in our own log
        server_header=False,
        loop="uvloop",
        http="httptools",
        ws="none",
        timeout_graceful_shutdown=10,
    )
    server = FollowedServer(config, followers)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


def _push_processes(place: Settings) -> int:
    """As many as the place wants; else one more than cores, so that none idles while one waits for the disk."""
    return min((os.cpu_count() or 1) + 1, _MOST_PROCESSES) if place.push_processes is None else place.push_processes


class FollowedServer(uvicorn.Server):
    """Lets those who follow a meeting go before it waits for answers to end: theirs would go on."""

    def __init__(self, config: uvicorn.Config, followers: Followers) -> None:
        super().__init__(config)
        self._followers = followers

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop listening, answer whoever asked, and end."""
        self._followers.close()
        await super().shutdown(sockets)
