"""The parts of a plan as FHIR R4, and back: what was written is what is read. Pure."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from app.care_plan.plan import (
    AboutMe,
    Action,
    Contingency,
    Goal,
    IfThen,
    Need,
    Parts,
    Support,
    Wish,
    Wishes,
)
from app.vocabulary.fhir_elements import codeable_concept, identifier, known
from app.vocabulary.fhir_elements import organisation as organisation_of
from app.vocabulary.fhir_systems import ODS_ORGANISATION, OURS
from app.vocabulary.statement import Resource

VERSION_SYSTEM: Final = f"{OURS}/Id/care-plan-version"
PART_SYSTEM: Final = f"{OURS}/Id/care-plan-part"
_EXTENSION: Final = f"{OURS}/StructureDefinition/care-plan-"
_THE_PERSON: Final = {"display": "the person whose plan this is"}
_GOAL_STATUS: Final = {
    "proposed": ("proposed", None),
    "active": ("active", None),
    "on-hold": ("on-hold", None),
    "achieved": ("completed", "achieved"),
    "not-achieved": ("completed", "not-achieved"),
    "cancelled": ("cancelled", None),
}
_ACHIEVEMENT: Final = "http://terminology.hl7.org/CodeSystem/goal-achievement"


def resource_of(part: str, value: Any, *, author: str, organisation: str, at: datetime) -> Resource:
    """One part; `part` is its name in `Parts`. The author and the instant of writing stand in it."""
    written: Resource = _WRITE[part](value, author, organisation, at)
    return known(**written)


def part_of(resource: Resource) -> tuple[str, Any] | None:
    """The name and the value of the part that a resource is; `None` for one that is no part of a plan."""
    named = resource.get("identifier", [])
    for one in named if isinstance(named, list) else [named]:
        part = one.get("value", "")
        if one.get("system") == PART_SYSTEM and part in _READ:
            return part, _READ[part](resource)
    return None


def parts_of(resources: list[Resource]) -> Parts:
    """Such parts as there are among resources."""
    return Parts(**dict(found for resource in resources if (found := part_of(resource))))


def version_of(support: bytes) -> int:
    """The version of the plan, which the part that carries it says; 0 where it says none."""
    told = [one["value"] for one in orjson.loads(support)["identifier"] if one.get("system") == VERSION_SYSTEM]
    return int(told[0]) if told else 0


def author_of(resource: Resource) -> str:
    """Who wrote a part, as it says."""
    told = resource.get("author") or resource.get("source") or {}
    display: str = told.get("display", "")
    return display


def _named(part: str) -> list[dict[str, str]]:
    return [{"system": PART_SYSTEM, "value": part}]


def _author(author: str, organisation: str) -> Resource:
    return organisation_of(organisation, author)


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _extensions(**values: Any) -> list[Resource]:
    """Ours, by name and FHIR type: `review_by=("valueDate", day)`."""
    told = [(name, *value) for name, value in values.items() if value[1] is not None]
    return [{"url": _EXTENSION + name.replace("_", "-"), kind: value} for name, kind, value in told]


def _extended(element: Resource, name: str, kind: str) -> Any:
    return next((one[kind] for one in element.get("extension", []) if one["url"] == _EXTENSION + name), None)


def _about_me(part: AboutMe, author: str, organisation: str, at: datetime) -> Resource:
    told = {"what-matters": part.what_matters, "how-to-support": part.how_to_support, "said-by": part.said_by}
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": _named("about_me")[0],
        "status": "completed",
        "authored": at.isoformat(),
        "author": _author(author, organisation),
        "item": [{"linkId": name, "answer": [{"valueString": text}]} for name, text in told.items() if text],
    }


def _read_about_me(resource: Resource) -> AboutMe:
    told = {item["linkId"]: item["answer"][0]["valueString"] for item in resource["item"]}
    return AboutMe(
        what_matters=told["what-matters"], how_to_support=told.get("how-to-support"), said_by=told.get("said-by")
    )


def _support(part: Support, author: str, organisation: str, at: datetime) -> Resource:
    return {
        "resourceType": "CarePlan",
        "identifier": _named("support"),
        "status": "active",
        "intent": "plan",
        "title": "Personalised care and support plan",
        "category": [{"text": "Personalised care and support plan"}],
        "description": part.summary,
        "created": at.isoformat(),
        "author": _author(author, organisation),
        "careTeam": [{"display": part.coordinator}] if part.coordinator else None,
        "contained": [*map(_need, part.needs), *map(goal, part.goals)],
        "addresses": [{"reference": f"#need-{need.id}"} for need in part.needs],
        "goal": [{"reference": f"#goal-{goal.id}"} for goal in part.goals],
        "activity": [_action(action) for action in part.actions],
        "extension": _extensions(review_by=("valueDate", _day(part.review_by)), agreed=("valueCode", part.agreed)),
    }


def _need(need: Need) -> Resource:
    return {
        "resourceType": "Condition",
        "id": f"need-{need.id}",
        "category": [{"text": "Need"}],
        "code": {"text": need.says},
        "subject": _THE_PERSON,
    }


def goal(goal: Goal) -> Resource:
    """One goal as a part of a plan holds it."""
    status, achieved = _GOAL_STATUS[goal.status]
    target = known(
        measure={"text": "How anyone could tell"} if goal.test else None, detailString=goal.test, dueDate=_day(goal.by)
    )
    return known(
        resourceType="Goal",
        id=f"goal-{goal.id}",
        lifecycleStatus=status,
        achievementStatus=codeable_concept(_ACHIEVEMENT, achieved) if achieved else None,
        description={"text": goal.says},
        subject=_THE_PERSON,
        addresses=[{"reference": f"#need-{name}"} for name in goal.needs],
        target=[target] if target else None,
    )


def _action(action: Action) -> Resource:
    owner = organisation_of(action.organisation)
    return known(
        id=action.id,
        extension=_extensions(mdt_action=("valueUuid", f"urn:uuid:{action.mdt_action}" if action.mdt_action else None)),
        detail=known(
            status=action.status,
            description=action.says,
            goal=[{"reference": f"#goal-{name}"} for name in action.goals],
            performer=[{**owner, "display": action.owner}],
            scheduledPeriod={"end": _day(action.due)} if action.due else None,
        ),
    )


def _read_support(resource: Resource) -> Support:
    contained = resource.get("contained", [])
    return Support(
        summary=resource.get("description"),
        needs=tuple(
            Need(id=one["id"].removeprefix("need-"), says=one["code"]["text"])
            for one in contained
            if one["resourceType"] == "Condition"
        ),
        goals=tuple(_read_goal(one) for one in contained if one["resourceType"] == "Goal"),
        actions=tuple(_read_action(one) for one in resource.get("activity", [])),
        coordinator=next((one["display"] for one in resource.get("careTeam", [])), None),
        review_by=_date(_extended(resource, "review-by", "valueDate")),
        agreed=_extended(resource, "agreed", "valueCode"),
    )


def _read_goal(told: Resource) -> Goal:
    achieved = next((one["code"] for one in told.get("achievementStatus", {}).get("coding", [])), None)
    status: Any = next(name for name, as_fhir in _GOAL_STATUS.items() if as_fhir == (told["lifecycleStatus"], achieved))
    target = told.get("target", [{}])[0]
    return Goal(
        id=told["id"].removeprefix("goal-"),
        says=told["description"]["text"],
        needs=_references(told.get("addresses", []), "#need-"),
        test=target.get("detailString"),
        by=_date(target.get("dueDate")),
        status=status,
    )


def _read_action(told: Resource) -> Action:
    detail, linked = told["detail"], _extended(told, "mdt-action", "valueUuid")
    owner = detail["performer"][0]
    return Action(
        id=told["id"],
        says=detail["description"],
        goals=_references(detail.get("goal", []), "#goal-"),
        owner=owner["display"],
        organisation=owner["identifier"]["value"],
        due=_date(detail.get("scheduledPeriod", {}).get("end")),
        status=detail["status"],
        mdt_action=UUID(linked.removeprefix("urn:uuid:")) if linked else None,
    )


def _references(told: list[Resource], prefix: str) -> tuple[str, ...]:
    return tuple(one["reference"].removeprefix(prefix) for one in told)


def _contingency(part: Contingency, author: str, organisation: str, at: datetime) -> Resource:
    return {
        "resourceType": "CarePlan",
        "identifier": _named("contingency"),
        "status": "active",
        "intent": "plan",
        "title": "Contingency plan",
        "category": [{"text": "Contingency plan"}],
        "created": at.isoformat(),
        "author": _author(author, organisation),
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
        "identifier": _named("wishes"),
        "status": "current",
        "mode": "working",
        "title": "Where the person's wishes are kept",
        "date": at.isoformat(),
        "source": _author(author, organisation),
        "entry": [
            known(
                flag={"text": wish.kind},
                date=_day(wish.dated),
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
                dated=_date(one.get("date")),
            )
            for one in resource.get("entry", [])
        )
    )


_WRITE: Final[dict[str, Callable[[Any, str, str, datetime], Resource]]] = {
    "about_me": _about_me,
    "support": _support,
    "contingency": _contingency,
    "wishes": _wishes,
}
_READ: Final[dict[str, Callable[[Resource], Any]]] = {
    "about_me": _read_about_me,
    "support": _read_support,
    "contingency": _read_contingency,
    "wishes": _read_wishes,
}
