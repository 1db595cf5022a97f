"""Who is looking, as pages tell them."""

from dataclasses import dataclass

from app.identity.requester import Requester
from app.sharing.names import Names


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking, as their pages tell them."""

    name: str
    role: str
    organisation: str


def viewer(requester: Requester, names: Names) -> Viewer:
    """A requester, in words."""
    return Viewer(requester.name, names.role(requester.role), names.partner(requester.organisation))
