"""What somebody typed to find a person: understood, or told what is wrong, field by field. Pure."""

from datetime import date
from typing import Annotated, Final

from pydantic import StringConstraints

from app.person.find import Criteria
from app.vocabulary.nhs_number import NHSNumber
from app.web.frame.filled_in.mistakes import Mistakes
from app.web.frame.filled_in.typed import TypedForm
from app.web.frame.words.wording import begun_large

Typed = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]

_NO_DATE: Final = "A date of birth needs a day, a month and a year, such as 31 3 1950"


class Sought(TypedForm):
    """The form, as it was typed; all of it is text, so that a mistake costs no typing."""

    purpose: Typed = ""
    nhs_number: Typed = ""
    family_name: Typed = ""
    given_name: Typed = ""
    day: Typed = ""
    month: Typed = ""
    year: Typed = ""
    postcode: Typed = ""


def understood(sought: Sought) -> NHSNumber | Criteria | Mistakes:
    """Whom to look for: a number says more than a name, and is taken where both are there."""
    if sought.nhs_number:
        try:
            return NHSNumber.parse(sought.nhs_number)
        except ValueError as error:
            return Mistakes(nhs_number=begun_large(str(error)))
    if not sought.family_name:
        return Mistakes(nhs_number="Enter an NHS number, or open “I do not have the NHS number” and enter a name")
    born = _birth_date(sought)
    if isinstance(born, Mistakes):
        return born
    try:
        return Criteria(
            family_name=sought.family_name,
            given_name=sought.given_name or None,
            birth_date=born,
            postcode=sought.postcode or None,
        )
    except ValueError as error:
        return Mistakes({"postcode" if sought.postcode else "family_name": begun_large(str(error))})


def _birth_date(sought: Sought) -> date | Mistakes | None:
    parts = (sought.year, sought.month, sought.day)
    if not any(parts):
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return Mistakes(birth_date=_NO_DATE)
