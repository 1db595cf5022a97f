"""Serving a place over HTTP until told to stop."""

from datetime import UTC, datetime

import structlog
import uvicorn

from app.identity.providers.provider import read_providers
from app.logs import log_as_json
from app.main import create_app
from app.place import law_and_key
from app.settings import Settings
from app.sharing.sign_in_roles import check_roles


def serve(place: Settings, url: str, *, host: str = "127.0.0.1", port: int) -> None:
    """Answer requests; the database at `url` stays the caller's. Nothing that a log holds tells of a person.

    Raises what `law_and_key` and `read_providers` do, and `UnknownRoles`, before anything is listened at.
    """
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
    uvicorn.run(
        create_app(reached_at, url),
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
