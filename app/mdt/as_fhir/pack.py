"""One person's page of a meeting's pack as FHIR R4 documents, for one requester; and what was computed for it. Pure."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from app.mdt.as_fhir.elements import Resource, instant, patient, reference, resource, sections, team_name
from app.mdt.case_finding.scores import KnownScore
from app.mdt.packs.contents import Pack, PackPage
from app.mdt.workflow.locality import LocalityDocument
from app.vocabulary.fhir_elements import codeable_concept, known, organisation
from app.vocabulary.fhir_systems import OBSERVATION_CATEGORY

_PACK: Final = "Page of a pack of a multidisciplinary team meeting"


def composition(pack: Pack, page: PackPage, locality: LocalityDocument) -> Resource:
    """The page as its requester may see it just now; final once the agenda is locked, though its addendum may grow.

    It is put together at each reading, and says when what it rests on last changed.
    """
    return resource(
        "Composition",
        f"pack-{page.item_id}",
        status="final" if pack.is_locked else "preliminary",
        type={"text": _PACK},
        subject=patient(page.person_id),
        encounter=reference("Encounter", page.item_id),
        date=instant(pack.frozen_at),
        author=[organisation(locality.host, team_name(locality))],
        title="What the team is told before it meets",
        section=sections(_told(page)),
    )


def document(composed: Resource) -> Resource:
    """That there is such a document, and where it is read."""
    return resource(
        "DocumentReference",
        composed["id"],
        status="current",
        docStatus=composed["status"],
        type=composed["type"],
        subject=composed["subject"],
        date=composed["date"],
        author=composed["author"],
        content=[
            {
                "attachment": {
                    "contentType": "application/fhir+json",
                    "url": f"Composition/{composed['id']}",
                    "title": composed["title"],
                }
            }
        ],
        context={"encounter": [composed["encounter"]]},
    )


def _told(page: PackPage) -> Iterator[tuple[str, tuple[str, ...]]]:
    told = page.told
    yield "The question for the team", tuple(filter(None, [told.question]))
    yield from ((title, (said,)) for title, said in told.referral)
    yield "What matters to the person", tuple(filter(None, [told.what_matters]))
    yield "Whether the person was told, and what they say to it", tuple(filter(None, [told.informed]))
    yield "Last time", tuple(filter(None, [told.last_time]))
    yield "Actions", told.actions
    yield from page.glance
    yield "Scores", page.scores
    yield "Use of hospital in twelve months", page.hospital
    yield "What changed since the last discussion", page.changed
    yield "What nobody states", page.gaps
    yield "What is missing", page.missing
    yield "How old each source is", page.sources
    yield "What came since the agenda was locked", page.added


def score(one: KnownScore, item_id: UUID, person_id: UUID) -> Resource:
    """A score that was computed for the pack, with its parts; without a value it says why there is none."""
    told = {"dataAbsentReason": {"text": one.said}} if one.value is None else {"valueInteger": int(one.value)}
    return resource(
        "Observation",
        f"{one.algorithm}-{item_id}",
        status="final",
        category=[codeable_concept(OBSERVATION_CATEGORY, "survey")],
        code={"text": one.title},
        subject=patient(person_id),
        encounter=reference("Encounter", item_id),
        effectiveDateTime=one.on.isoformat(),
        method=known(text=f"{one.title}, {one.version}"),
        interpretation=[{"text": one.band}] if one.band else None,
        note=[{"text": said} for said in (*one.limits, *_missing(one), *filter(None, [one.over_time]))],
        component=[{"code": {"text": part.name}, "valueInteger": int(part.points)} for part in one.used],
        **told,
    )


def _missing(one: KnownScore) -> tuple[str, ...]:
    return (f"Not known: {', '.join(one.missing)}",) if one.missing else ()
