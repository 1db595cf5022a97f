"""A locality's team as FHIR R4: what it is (Organization), what it does (HealthcareService), who sits in it. Pure.

Nobody is told of here whom the team looks after; whose names these are is the team's own business.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from app.mdt.as_fhir.elements import Resource, reference, resource, team, team_name
from app.mdt.workflow.locality import CoreRole, LocalityDocument, Staff
from app.vocabulary.fhir_elements import organisation

OF_ALL: Final = ("Organization", "HealthcareService")
"""Those that say how a team works, and name nobody."""

MEMBERS: Final = "PractitionerRole"
KINDS: Final = (*OF_ALL, MEMBERS)


def team_resources(locality: LocalityDocument, kind: str) -> list[Resource]:
    """All of one of these types that stand for a locality's team."""
    if kind == MEMBERS:
        return list(chain.from_iterable(_seat(locality, seat) for seat in locality.core))
    return [_organisation(locality) if kind == "Organization" else _does(locality)]


def _organisation(locality: LocalityDocument) -> Resource:
    return resource(
        "Organization",
        locality.locality,
        active=True,
        type=[{"text": "Multidisciplinary team"}],
        name=team_name(locality),
        partOf=organisation(locality.host),
    )


def _does(locality: LocalityDocument) -> Resource:
    """What it does: for whom, when, and how people come to be told of it."""
    cadence = locality.cadence
    return resource(
        "HealthcareService",
        locality.locality,
        active=True,
        providedBy=reference("Organization", locality.locality),
        type=[{"text": "Multidisciplinary team"}],
        name=team_name(locality),
        comment=locality.consent.says,
        eligibility=[{"code": {"text": one.id}, "comment": one.says} for one in locality.criteria],
        coverageArea=[{"display": f"Practice {code}"} for code in locality.practices]
        + [{"display": f"Postcodes {code}"} for code in locality.postcodes],
        availabilityExceptions=f"Meets {cadence.rule} at {cadence.at:%H:%M}: {cadence.place}",
    )


def _seat(locality: LocalityDocument, seat: CoreRole) -> Iterator[Resource]:
    for n, staff in enumerate(seat.staff):
        deputy = f".deputy-{n}" if n else ""
        yield _member(locality, seat, staff, f"{locality.locality}.{seat.id}{deputy}", is_deputy=bool(n))


def _member(locality: LocalityDocument, seat: CoreRole, staff: Staff, id: str, *, is_deputy: bool) -> Resource:
    return resource(
        MEMBERS,
        id,
        active=True,
        practitioner={"type": "Practitioner", "display": staff.name},
        organization=organisation(staff.organisation),
        code=[{"text": f"Deputy: {seat.title}" if is_deputy else seat.title}, {"text": staff.role}],
        healthcareService=[team(locality)],
    )
