"""What an agreement means, worked out again from its text alone: naively, a label at a time, with nothing compiled.

It reads the YAML with an ordinary loader and shares no code with the engine but the values that it is asked about.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import yaml

from app.identity.requester import Requester
from app.sharing.facts import Flag, Invitation, Objection, PersonFacts
from app.vocabulary.label import Label

LONDON = ZoneInfo("Europe/London")
DURATIONS = {"P90D": timedelta(days=90), "PT60M": timedelta(hours=1), "PT15M": timedelta(minutes=15),
             "PT5M": timedelta(minutes=5), "PT0M": timedelta()}  # fmt: skip
YEARS = {"P1Y": 1, "P2Y": 2, "P3Y": 3, "P4Y": 4}


class Verdict(NamedTuple):
    """Whether a label may be seen, by which grants, or against which prohibitions."""

    permitted: bool
    granting: frozenset[str]
    prohibiting: frozenset[str]


@dataclass(frozen=True)
class Question:
    """Who asks about whom, for what, when; with the texts of the agreements."""

    documents: tuple[dict[str, Any], ...]
    requester: Requester
    action: str
    purpose: str
    facts: PersonFacts
    at: datetime

    @property
    def today(self) -> date:
        return self.at.astimezone(LONDON).date()

    @property
    def in_force(self) -> list[dict[str, Any]]:
        return [each for each in self.documents if each["status"] == "in-force" and self._is_effective(each)]

    def _is_effective(self, agreement: dict[str, Any]) -> bool:
        begins, ends = (datetime.combine(agreement["effective"][end], time.min, LONDON) for end in ("from", "to"))
        return begins <= self.at < ends


def read(path: Path) -> dict[str, Any]:
    """An agreement as plain values."""
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return document


def judge(question: Question, label: Label, occurred_on: date | None = None) -> Verdict:
    """The verdict on one label."""
    return judge_each(question, [label], occurred_on)[label]


def judge_each(question: Question, labels: Iterable[Label], occurred_on: date | None = None) -> dict[Label, Verdict]:
    """The verdict on each label: a prohibition beats every grant, but for one that gives way to an emergency."""
    grants = [
        (agreement, clause) for agreement in question.in_force for clause in grants_that_hold(question, agreement)
    ]
    bars = [
        (agreement, each) for agreement in question.in_force for each in prohibitions_that_hold(question, agreement)
    ]
    verdicts = {}
    for label in labels:
        granting = [
            (agreement, clause)
            for agreement, clause in grants
            if covers(clause, label, agreement, question.purpose) and is_recent(clause, occurred_on, question.today)
        ]
        prohibiting = [(agreement, each) for agreement, each in bars if forbids(each, label, agreement, question)]
        left = [
            (agreement, clause)
            for agreement, clause in granting
            if all("lasts" in clause and "emergency-access" in each["override"] for _, each in prohibiting)
        ]
        verdicts[label] = Verdict(bool(left), names(left), names(prohibiting))
    return verdicts


def holding_grants(question: Question) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every clause that gives the requester something, whatever it is, with its agreement."""
    for agreement in question.in_force:
        for clause in grants_that_hold(question, agreement):
            yield agreement, clause


def names(clauses: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> frozenset[str]:
    return frozenset(f"{agreement['isa']}/{clause['id']}" for agreement, clause in clauses)


def grants_that_hold(question: Question, agreement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The grants, emergency access and guest profiles whose every condition is met, whatever the label."""
    for clause in agreement["grants"]:
        if question.action in clause["actions"] and may_ask(clause, question, agreement):
            terms = agreement["purposes"][question.purpose]
            kinds = clause.get("relationships", terms["relationships"])
            if has_relationship(kinds, question) and is_trained(terms["requires"], question):
                yield clause
    emergency = agreement.get("emergency_access")
    if emergency and question.action == "read" and opens(emergency, question, agreement):
        yield emergency
    for guest in agreement.get("guests", []):
        if question.action == "read" and may_ask(guest, question, agreement):
            requires = agreement["purposes"][question.purpose]["requires"]
            if has_invitation(guest, question) and is_trained(requires, question):
                yield guest


def opens(emergency: dict[str, Any], question: Question, agreement: dict[str, Any]) -> bool:
    return (
        may_ask(emergency, question, agreement)
        and has_opening(emergency, question)
        and is_trained(["training"], question)
    )


def may_ask(clause: dict[str, Any], question: Question, agreement: dict[str, Any]) -> bool:
    """Whether the role, the organisation and the purpose are the clause's."""
    requester = question.requester
    return (
        requester.role in clause["roles"]
        and question.purpose in clause["purposes"]
        and requester.organisation in codes(clause.get("to", "all"), agreement)
        and requester.organisation in codes(agreement["roles"][requester.role]["at"], agreement)
        and requester.organisation in lawful(question.purpose, agreement)
    )


def codes(parties: Any, agreement: dict[str, Any]) -> set[str]:
    return {party["ods"] for party in agreement["parties"] if parties == "all" or party["id"] in parties}


def lawful(purpose: str, agreement: dict[str, Any]) -> set[str]:
    bases = agreement["purposes"][purpose]["bases"]
    return {code for basis in bases for code in codes(basis["parties"], agreement)}


def has_relationship(kinds: list[str], question: Question) -> bool:
    requester, at = question.requester, question.at
    return any(
        each.kind in kinds
        and each.organisation == requester.organisation
        and (each.team is None or each.team in requester.teams)
        and (each.account is None or tuple(each.account) == (requester.issuer, requester.subject))
        and each.started <= at
        and (each.ended is None or at < each.ended)
        and (each.revoked is None or at < each.revoked)
        and all(each.team is None or each.team != objection.team for objection in to_meetings(question))
        for each in question.facts.relationships
    )


def has_opening(emergency: dict[str, Any], question: Question) -> bool:
    requester, at = question.requester, question.at
    return any(
        tuple(each.account) == (requester.issuer, requester.subject)
        and each.organisation == requester.organisation
        and each.started <= at < min(each.ended, each.started + DURATIONS[emergency["lasts"]])
        for each in question.facts.openings
    )


def has_invitation(guest: dict[str, Any], question: Question) -> bool:
    requester, at = question.requester, question.at
    return any(
        each.profile == guest["profile"]
        and tuple(each.account) == (requester.issuer, requester.subject)
        and each.organisation == requester.organisation
        and each.accepted
        and each.on_agenda
        and each.started - DURATIONS[guest["lead"]] <= at < each.ended + DURATIONS[guest["lag"]]
        and all(objection.meeting not in meetings_of(each) for objection in to_meetings(question))
        for each in question.facts.invitations
    )


def to_meetings(question: Question) -> list[Objection]:
    return [each for each in upheld(question) if each.scope == "meeting"]


def meetings_of(invitation: Invitation) -> set[str | None]:
    """The meeting and its team."""
    return {invitation.meeting, invitation.meeting.split("/")[0]} if invitation.meeting else set()


def is_trained(requires: list[str], question: Question) -> bool:
    until = question.requester.training_until
    return "training" not in requires or (until is not None and question.today <= until)


def covers(clause: dict[str, Any], label: Label, agreement: dict[str, Any], purpose: str) -> bool:
    return (
        label.controller in codes(clause["from"], agreement)
        and label.controller in lawful(purpose, agreement)
        and label.category in categories(clause["categories"], agreement)
        and label.sensitivity in clause.get("sensitivities", agreement["ordinary"])
    )


def categories(words: list[str], agreement: dict[str, Any]) -> set[str]:
    groups = agreement.get("category_groups", {})
    return {code for word in words for code in groups.get(word, [word])}


def is_recent(clause: dict[str, Any], occurred_on: date | None, today: date) -> bool:
    if "max_age" not in clause or occurred_on is None:
        return True
    year = today.year - YEARS[clause["max_age"]]
    day = 28 if (today.month, today.day) == (2, 29) and year % 4 else today.day
    return occurred_on >= date(year, today.month, day)


def prohibitions_that_hold(question: Question, agreement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The prohibitions that the purpose does not override and that something about the person triggers."""
    for clause in agreement["prohibitions"]:
        if clause["override"] != "never" and question.purpose in clause["override"]:
            continue
        when, facts = clause["when"], question.facts
        if "to" in when and question.requester.organisation not in codes(when["to"], agreement):
            continue
        if when.get("own_record") and question.requester.nhs_number not in facts.nhs_numbers:
            continue
        if "objection" in when and not upheld(question):
            continue
        if "flag" in when and not raisers(when, question):
            continue
        yield clause


def raisers(when: dict[str, Any], question: Question) -> set[str]:
    wait = DURATIONS[when.get("after", "PT0M")]
    flags = [flag for flag in question.facts.flags if flag.kind == when["flag"] and not is_grown_up(flag, question)]
    return {flag.partner for flag in flags if not wait or question.at - flag.since >= wait}


def is_grown_up(flag: Flag, question: Question) -> bool:
    """Whether a child's flag counts no longer: it begins with their birth."""
    born = flag.since.astimezone(LONDON).date()
    years = question.today.year - born.year - ((question.today.month, question.today.day) < (born.month, born.day))
    return flag.kind == "child" and years >= 18


def upheld(question: Question) -> list[Objection]:
    return [
        each
        for each in question.facts.objections
        if each.upheld and each.started <= question.at and (each.ended is None or question.at < each.ended)
    ]


def forbids(clause: dict[str, Any], label: Label, agreement: dict[str, Any], question: Question) -> bool:
    when = clause["when"]
    if "sensitivity" in when and label.sensitivity not in when["sensitivity"]:
        return False
    if "category" in when and label.category not in categories(when["category"], agreement):
        return False
    if when.get("controller") == "raised-by":
        return label.controller in raisers(when, question)
    if "controller" in when and label.controller not in codes(when["controller"], agreement):
        return False
    return "objection" not in when or any(objects(each, label, question.requester) for each in upheld(question))


def objects(objection: Objection, label: Label, requester: Requester) -> bool:
    return {
        "all": True,
        "category": objection.category == label.category,
        "source": objection.organisation == label.controller,
        "recipient": objection.organisation == requester.organisation,
        "user": objection.account == (requester.issuer, requester.subject),
        "meeting": False,
    }[objection.scope]
