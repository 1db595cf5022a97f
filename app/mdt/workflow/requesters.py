"""Whoever is in the room, kept as they came in: what the agreement decides for as long as they are there. Pure."""

from datetime import date
from typing import Any

from app.identity.requester import Requester
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role


def as_kept(requester: Requester) -> dict[str, Any]:
    """A requester as JSON."""
    return {
        "subject": requester.subject,
        "issuer": requester.issuer,
        "name": requester.name,
        "organisation": str(requester.organisation),
        "role": str(requester.role),
        "teams": sorted(requester.teams),
        "nhs_number": requester.nhs_number.digits if requester.nhs_number else None,
        "training_until": requester.training_until.isoformat() if requester.training_until else None,
    }


def as_they_came(kept: dict[str, Any]) -> Requester:
    """The requester again."""
    return Requester(
        subject=kept["subject"],
        issuer=kept["issuer"],
        name=kept["name"],
        organisation=OdsCode(kept["organisation"]),
        role=Role(kept["role"]),
        teams=frozenset(kept["teams"]),
        nhs_number=NHSNumber(kept["nhs_number"]) if kept["nhs_number"] else None,
        training_until=date.fromisoformat(kept["training_until"]) if kept["training_until"] else None,
    )
