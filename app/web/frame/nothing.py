"""What whoever is shown nothing reads, whatever the cause."""

import re
from typing import Final

from fastapi import Response

from app.sharing.decision import REFUSAL
from app.web.frame.layout import page
from app.web.frame.viewing import Viewing
from app.web.frame.words.plain_words import topics

_NOT_FOUND: Final = 404
_FORBIDDEN: Final = 403
_ABOUT: Final = re.compile(r"/people/([0-9a-f-]{36})(?![^/])")
_ASKED_BY_NUMBER: Final = ("/find", "/emergency-access", "/relationship")
_OF_SOMEBODY: Final = ("/people/", *_ASKED_BY_NUMBER, "/access-requests")


def nothing(looking: Viewing, *, nhs_number: str = "") -> Response:
    """The one page for nobody, nothing permitted and not yours: always the same bytes for the same viewer.

    What it offers depends on their role and purpose alone; it repeats whom they asked about, as they asked.
    """
    about = _ABOUT.match(looking.path)
    offered = looking.ways_in if about or looking.path in _ASKED_BY_NUMBER else None
    person_id = about[1] if about else ""
    context = {"text": REFUSAL, "ways": offered, "person_id": person_id, "nhs_number": nhs_number}
    context["of_somebody"] = looking.path.startswith(_OF_SOMEBODY)
    alike = {"shown_at": None, "topic": topics()["nothing"]}  # a clock would tell two refusals apart
    return page("nothing.html", looking.context() | context | alike, status=_NOT_FOUND)


def not_offered(looking: Viewing) -> Response:
    """For whoever asks for a way in that no agreement gives their role."""
    return page("not_offered.html", looking.context(), status=_FORBIDDEN)
