"""Need that scores miss, as partners' entries show it. Pure; each sign gives the entries that show it, or none."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

import orjson

from app.mdt.case_finding.criteria import Signs
from app.mdt.one_person.entries import PersonEntries, Stated

_IN_CRISIS: Final = (
    "https://www.datadictionary.nhs.uk/data_elements/primary_reason_for_referral__mental_health_.html",
    "18",
)
_CRISIS_TEAMS: Final = frozenset({"Crisis Resolution Team/Home Treatment Service", "Crisis House Service"})
_HOURS: Final = "Hours of caring a week"
_READY: Final = frozenset({"Ready for discharge", "Medically fit for discharge", "Clinically ready for discharge"})
_NUMBER: Final = re.compile(r"\d+")

Shows = Callable[[PersonEntries, Signs], Sequence[Stated]]


class Sign(NamedTuple):
    """One need: its code, what it is called, and what shows it."""

    code: str
    title: str
    shown_by: Shows


def _crisis(person: PersonEntries, signs: Signs) -> Sequence[Stated]:
    """A referral in crisis, or to a crisis team, that is open or was made lately."""
    since = person.at - timedelta(days=signs.crisis_days)
    return [
        one
        for one in person.under("referrals", "ServiceRequest")
        if _is_crisis(one.resource)
        and one.resource.get("status") != "revoked"
        and (one.lasts(person.at) or (one.entry.started is not None and since <= one.entry.started <= person.at))
    ]


def _is_crisis(request: dict[str, Any]) -> bool:
    reasons = {
        (coding.get("system"), coding.get("code"))
        for concept in request.get("reasonCode", ())
        for coding in concept.get("coding", ())
    }
    teams = {performer.get("display") for performer in request.get("performer", ())}
    return _IN_CRISIS in reasons or not teams.isdisjoint(_CRISIS_TEAMS)


def _flagged(category: str) -> Shows:
    def active(person: PersonEntries, signs: Signs) -> Sequence[Stated]:
        return [
            one
            for one in person.under(category, "Flag")
            if one.resource.get("status") == "active" and one.lasts(person.at)
        ]

    return active


def _may_lose_home(person: PersonEntries, signs: Signs) -> Sequence[Stated]:
    """A notice, proceedings or a date of eviction; rent arrears of which the landlord says nothing more are none yet.

    Of a risk of any other kind nothing is presumed: it counts.
    """
    return [one for one in _flagged("tenancy-risk")(person, signs) if not _is_arrears_alone(one, signs)]


def _is_arrears_alone(one: Stated, signs: Signs) -> bool:
    told = orjson.loads(one.entry.summary)
    said = f"{told['title']} {told.get('detail', '')}".lower()
    return "arrears" in said and not any(word in said for word in signs.losing_a_home)


def _homeless(person: PersonEntries, signs: Signs) -> Sequence[Stated]:
    return [one for one in person.under("homelessness", "EpisodeOfCare") if one.lasts(person.at)]


def _strained(person: PersonEntries, signs: Signs) -> Sequence[Stated]:
    """The person cares for somebody, for more hours a week than one can for long."""
    return [
        one
        for one in person.under("social-context", "Observation")
        if one.lasts(person.at) and _hours(one.resource) >= signs.caring_hours
    ]


def _hours(observation: dict[str, Any]) -> int:
    """The least of the band of hours that is stated; 0 where none is."""
    for component in (observation, *observation.get("component", ())):
        if component.get("code", {}).get("text") == _HOURS:
            number = _NUMBER.search(component.get("valueCodeableConcept", {}).get("text", ""))
            return int(number.group()) if number else 0
    return 0


def _missed(person: PersonEntries, signs: Signs) -> Sequence[Stated]:
    since = person.at - timedelta(days=signs.missed_days)
    missed = [
        one
        for one in person.under("appointments", "Appointment")
        if one.resource.get("status") == "noshow"
        and one.entry.started is not None
        and since <= one.entry.started <= person.at
    ]
    return missed if len(missed) >= signs.missed else []


def _waiting(person: PersonEntries, signs: Signs) -> Sequence[Stated]:
    """Ready to leave hospital, and still there: the stay that it is told of lasts, or the period of readiness does."""
    until = person.at - timedelta(hours=signs.waiting_hours)
    staying = {
        identifier.get("value")
        for one in person.under("admissions", "Encounter")
        if one.lasts(person.at)
        for identifier in one.resource.get("identifier", ())
    }
    return [
        one
        for one in person.under("admissions", "Observation")
        if one.resource.get("code", {}).get("text") in _READY
        and one.entry.started is not None
        and one.entry.started <= until
        and _still_there(one, staying, person)
    ]


def _still_there(one: Stated, staying: set[str | None], person: PersonEntries) -> bool:
    visit = one.resource.get("encounter", {}).get("identifier", {}).get("value")
    return visit in staying if visit else one.entry.ended is None and one.lasts(person.at)


SIGNS: Final = (
    Sign("mental-health-crisis", "In a mental health crisis", _crisis),
    Sign("safeguarding", "A safeguarding concern or enquiry is open", _flagged("safeguarding")),
    Sign("carer-strain", "Cares for somebody for many hours a week", _strained),
    Sign("tenancy-at-risk", "May lose their tenancy", _may_lose_home),
    Sign("homelessness", "Homeless, or owed a duty against it", _homeless),
    Sign("missed-contacts", "Missed several contacts", _missed),
    Sign("waiting-for-discharge", "Ready to leave hospital, and still there", _waiting),
)
