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

    def on_paper(self, when: str) -> tuple[str, ...]:
        """The lines across each page of what is printed for them."""
        return self.name, self.role, self.organisation, when


def viewer(requester: Requester, names: Names) -> Viewer:
    """A requester, in words."""
    return Viewer(requester.name, names.role(requester.role), names.partner(requester.organisation))
