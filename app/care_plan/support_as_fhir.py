"""The needs, goals and actions of a plan as FHIR R4, and back. Pure."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.care_plan.elements import care_plan, date_of, day, extended, extensions
from app.care_plan.plan import Action, Goal, Need, Support
from app.vocabulary.fhir_elements import codeable_concept, known
from app.vocabulary.fhir_elements import organisation as organisation_of
from app.vocabulary.statement import Resource

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


def support(part: Support, author: str, organisation: str, at: datetime) -> Resource:
    """The part that holds them, and carries the version of the plan."""
    return {
        **care_plan("support", "Personalised care and support plan"),
        "description": part.summary,
        "created": at.isoformat(),
        "author": organisation_of(organisation, author),
        "careTeam": [{"display": part.coordinator}] if part.coordinator else None,
        "contained": [*map(_need, part.needs), *map(goal, part.goals)],
        "addresses": [{"reference": f"#need-{need.id}"} for need in part.needs],
        "goal": [{"reference": f"#goal-{goal.id}"} for goal in part.goals],
        "activity": [_action(action) for action in part.actions],
        "extension": extensions(review_by=("valueDate", day(part.review_by)), agreed=("valueCode", part.agreed)),
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
        measure={"text": "How anyone could tell"} if goal.test else None, detailString=goal.test, dueDate=day(goal.by)
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
        extension=extensions(mdt_action=("valueUuid", f"urn:uuid:{action.mdt_action}" if action.mdt_action else None)),
        detail=known(
            status=action.status,
            description=action.says,
            goal=[{"reference": f"#goal-{name}"} for name in action.goals],
            performer=[{**owner, "display": action.owner}],
            scheduledPeriod={"end": day(action.due)} if action.due else None,
        ),
    )


def read_support(resource: Resource) -> Support:
    """The inverse of `support`."""
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
        review_by=date_of(extended(resource, "review-by", "valueDate")),
        agreed=extended(resource, "agreed", "valueCode"),
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
        by=date_of(target.get("dueDate")),
        status=status,
    )


def _read_action(told: Resource) -> Action:
    detail, linked = told["detail"], extended(told, "mdt-action", "valueUuid")
    owner = detail["performer"][0]
    return Action(
        id=told["id"],
        says=detail["description"],
        goals=_references(detail.get("goal", []), "#goal-"),
        owner=owner["display"],
        organisation=owner["identifier"]["value"],
        due=date_of(detail.get("scheduledPeriod", {}).get("end")),
        status=detail["status"],
        mdt_action=UUID(linked.removeprefix("urn:uuid:")) if linked else None,
    )


def _references(told: list[Resource], prefix: str) -> tuple[str, ...]:
    return tuple(one["reference"].removeprefix(prefix) for one in told)
