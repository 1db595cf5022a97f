"""What all resources of the team's work share: whom and what they refer to, and whose they are. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final
from uuid import UUID

from app.mdt.workflow.locality import LocalityDocument
from app.vocabulary.fhir_elements import known
from app.vocabulary.fhir_systems import OURS

Resource = dict[str, Any]

SOURCE: Final = f"{OURS}/multidisciplinary-team"
"""What `meta.source` of each says, and `_source` of a search asks for: the rest are entries of the record."""


def resource(kind: str, id: str, **elements: Any) -> Resource:
    """A resource without what it lacks: FHIR has no empty element."""
    return known(resourceType=kind, id=id, meta={"source": SOURCE}, **elements)


def patient(person_id: UUID) -> Resource:
    """The person whom something is about."""
    return reference("Patient", person_id)


def team(locality: LocalityDocument) -> Resource:
    """A locality's team, as what it does for people."""
    return reference("HealthcareService", locality.locality) | {"display": team_name(locality)}


def team_name(locality: LocalityDocument) -> str:
    """What a locality's team is called."""
    return f"Multidisciplinary team of {locality.title}"


def sections(told: Iterable[tuple[str, Sequence[object]]]) -> list[Resource]:
    """Titles with paragraphs, as a document holds them; those without any are left out."""
    return [section(title, said) for title, said in told if said]


def section(title: str, said: Sequence[object]) -> Resource:
    """One title with its paragraphs."""
    paragraphs = "".join(f"<p>{escape(str(one))}</p>" for one in said)
    return {
        "title": title,
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'},
    }


def reference(kind: str, id: UUID | str) -> Resource:
    """Another resource of the team's."""
    return {"reference": f"{kind}/{id}"}


def instant(at: datetime) -> str:
    """An instant as FHIR writes it."""
    return at.isoformat()


def text(said: object) -> Resource:
    """A concept in words: no confirmed code for it was found, and none is invented."""
    return {"text": str(said).replace("-", " ")}
