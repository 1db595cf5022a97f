"""The parts of a plan as FHIR R4, and back: what was written is what is read. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import orjson

from app.care_plan.elements import PART_SYSTEM, care_plan, date_of, day, named
from app.care_plan.plan import (
    AboutMe,
    Contingency,
    IfThen,
    Wish,
    Wishes,
)
from app.care_plan.support_as_fhir import read_support, support
from app.vocabulary.fhir_elements import identifier, known
from app.vocabulary.fhir_elements import organisation as organisation_of
from app.vocabulary.fhir_systems import ODS_ORGANISATION, OURS
from app.vocabulary.statement import Resource

VERSION_SYSTEM: Final = f"{OURS}/Id/care-plan-version"


def resource_of(part: str, value: Any, *, author: str, organisation: str, at: datetime) -> Resource:
    """One part; `part` is its name in `Parts`. The author and the instant of writing stand in it."""
    written: Resource = _WRITE[part](value, author, organisation, at)
    return known(**written)


def part_of(resource: Resource) -> tuple[str, Any] | None:
    """The name and the value of the part that a resource is; `None` for one that is no part of a plan."""
    identifiers = resource.get("identifier", [])
    for one in identifiers if isinstance(identifiers, list) else [identifiers]:
        part = one.get("value", "")
        if one.get("system") == PART_SYSTEM and part in _READ:
            return part, _READ[part](resource)
    return None


def version_of(carrier: bytes) -> int:
    """The version of the plan, which the part that carries it says; 0 where it says none."""
    told = [one["value"] for one in orjson.loads(carrier)["identifier"] if one.get("system") == VERSION_SYSTEM]
    return int(told[0]) if told else 0


def author_of(resource: Resource) -> str:
    """Who wrote a part, as it says."""
    told = resource.get("author") or resource.get("source") or {}
    display: str = told.get("display", "")
    return display


def _about_me(part: AboutMe, author: str, organisation: str, at: datetime) -> Resource:
    told = {"what-matters": part.what_matters, "how-to-support": part.how_to_support, "said-by": part.said_by}
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": named("about_me")[0],
        "status": "completed",
        "authored": at.isoformat(),
        "author": organisation_of(organisation, author),
        "item": [{"linkId": name, "answer": [{"valueString": text}]} for name, text in told.items() if text],
    }


def _read_about_me(resource: Resource) -> AboutMe:
    told = {item["linkId"]: item["answer"][0]["valueString"] for item in resource["item"]}
    return AboutMe(
        what_matters=told["what-matters"], how_to_support=told.get("how-to-support"), said_by=told.get("said-by")
    )


def _contingency(part: Contingency, author: str, organisation: str, at: datetime) -> Resource:
    return {
        **care_plan("contingency", "Contingency plan"),
        "created": at.isoformat(),
        "author": organisation_of(organisation, author),
        "activity": [
            {
                "detail": known(
                    status="not-started",
                    reasonCode=[{"text": step.sign}],
                    description=step.do,
                    performer=[{"display": step.call}] if step.call else None,
                )
            }
            for step in part.steps
        ],
    }


def _read_contingency(resource: Resource) -> Contingency:
    steps = [one["detail"] for one in resource["activity"]]
    return Contingency(
        steps=tuple(
            IfThen(
                sign=step["reasonCode"][0]["text"],
                do=step["description"],
                call=next((one["display"] for one in step.get("performer", [])), None),
            )
            for step in steps
        )
    )


def _wishes(part: Wishes, author: str, organisation: str, at: datetime) -> Resource:
    return {
        "resourceType": "List",
        "identifier": named("wishes"),
        "status": "current",
        "mode": "working",
        "title": "Where the person's wishes are kept",
        "date": at.isoformat(),
        "source": organisation_of(organisation, author),
        "entry": [
            known(
                flag={"text": wish.kind},
                date=day(wish.dated),
                item=known(
                    type="DocumentReference",
                    display=wish.kept_at,
                    identifier=identifier(ODS_ORGANISATION, wish.held_by) if wish.held_by else None,
                ),
            )
            for wish in part.documents
        ],
    }


def _read_wishes(resource: Resource) -> Wishes:
    return Wishes(
        documents=tuple(
            Wish(
                kind=one["flag"]["text"],
                kept_at=one["item"]["display"],
                held_by=one["item"].get("identifier", {}).get("value"),
                dated=date_of(one.get("date")),
            )
            for one in resource.get("entry", [])
        )
    )


_WRITE: Final[dict[str, Callable[[Any, str, str, datetime], Resource]]] = {
    "about_me": _about_me,
    "support": support,
    "contingency": _contingency,
    "wishes": _wishes,
}
_READ: Final[dict[str, Callable[[Resource], Any]]] = {
    "about_me": _read_about_me,
    "support": read_support,
    "contingency": _read_contingency,
    "wishes": _read_wishes,
}
