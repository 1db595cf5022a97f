"""Whose list the people of the demonstration place are on: its community nurses', and one practice's."""

from datetime import date, timedelta
from typing import Final

from app.adapters.caseload import FIELDS
from app.demonstration.people.lives import Life
from app.demonstration.people.resident import Resident
from app.demonstration.place import GENERAL_PRACTICE

HEADING_ROW: Final = tuple(FIELDS.values())


def nurses_row(resident: Resident, life: Life, on: date) -> list[str] | None:
    """The person's place on a community team's caseload; `None` for those whom no nurse visits."""
    if resident.need != "much" or life.deceased is not None:
        return None
    team = f"{resident.locality.name} community nurses"
    return _row(resident, f"C{resident.number}", "caseload", team, "01632 960200", on - timedelta(days=90), on)


def practice_row(resident: Resident, on: date) -> list[str] | None:
    """The person's place on the list of the practice that is a party; `None` for those of other practices."""
    practice, name = resident.locality.practices[resident.practice]
    if practice != GENERAL_PRACTICE:
        return None
    return _row(resident, f"P{resident.number}", "registration", name, "01632 960300", resident.birth_date, on)


def _row(resident: Resident, reference: str, kind: str, team: str, telephone: str, since: date, on: date) -> list[str]:
    row = {
        "person_reference": reference,
        "nhs_number": resident.nhs_number.spaced if resident.nhs_number else "",
        "nhs_number_status": "01" if resident.traced and resident.nhs_number else "",
        "family_name": resident.family_name,
        "given_name": resident.given_name,
        "birth_date": resident.birth_date.isoformat(),
        "postcode": resident.postcode,
        "kind": kind,
        "team": team,
        "telephone": telephone,
        "started": since.isoformat(),
        "as_at": (on - timedelta(days=1)).isoformat(),
    }
    return [row.get(field, "") for field in FIELDS]
