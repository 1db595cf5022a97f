"""Whose record a form opens: of whoever has the NHS number that is typed, or of the one person at whose address it is.

Nothing on these forms tells whether there is such a person.
"""

from typing import Any, NamedTuple
from uuid import UUID

from fastapi import Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from app.governance.exceptions.opening import review_within
from app.governance.handling import named_by
from app.sharing.published.phrases import long
from app.vocabulary.nhs_number import NHSNumber
from app.web.frame.filled_in.typed import ShortText, TypedForm
from app.web.frame.layout import SEE_OTHER
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Viewing


class ToOpen(TypedForm):
    """A form that opens a record, as it was typed; at a person's own address it asks for no number."""

    nhs_number: ShortText = ""


class Whom(NamedTuple):
    """The person of the form's address; else whoever has the number, once one was typed that can be."""

    person_id: UUID | None = None
    number: NHSNumber | None = None

    def known(self, connection: Connection) -> UUID | None:
        """Who that is, as far as the place knows."""
        return named_by(connection, self.number) if self.number else self.person_id


def asked(looking: Viewing, whom: Whom, way: str, typed: ToOpen, wrong: dict[str, str] | None) -> dict[str, Any]:
    """What each form says of it; `way` ends the addresses of the form."""
    return looking.context() | {
        "typed": typed,
        "errors": wrong or {},
        "review": long(review_within(looking.agreements, looking.asked.at)),
        "action": f"/people/{whom.person_id}/{way}" if whom.person_id else f"/{way}",
        "by_number": whom.person_id is None,
    }


def led_to(looking: Viewing, found: UUID | None, typed: ToOpen) -> Response:
    """On to the record that is open now; where none is, what whoever is shown nothing reads."""
    if found is None:
        return nothing(looking, nhs_number=typed.nhs_number)
    return RedirectResponse(f"/people/{found}?purpose={looking.asked.purpose}", SEE_OTHER)
