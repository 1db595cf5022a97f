"""MHS101 referrals and MHS102 the other teams to which the same request went.

An open referral is a reason to see the person's record; a closed or rejected one says when it ceased to be.
Referrals by police, courts, prisons and probation do not say so: like offence history, that is not imported.
"""

from typing import Final, NamedTuple

from app.adapters.elements import joined
from app.adapters.mental_health_mhsds.care_team import involved_team
from app.adapters.mental_health_mhsds.extract import Extract, Referred
from app.adapters.mental_health_mhsds.moments import Moment, between
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import CODE_SETS, UK_CORE
from app.adapters.mental_health_mhsds.team import Team
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import extension, known, reference
from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.statement import Entry, Finding, Relationship, Resource, Statement, Subject

_REFERRALS: Final = Category("referrals")
_REASONS: Final = CODE_SETS["PRIMARY REASON FOR REFERRAL (MENTAL HEALTH)"]
_SOURCES: Final = CODE_SETS["SOURCE OF REFERRAL FOR MENTAL HEALTH SERVICES DATA SET"]
_PRIORITIES: Final = CODE_SETS["CLINICAL RESPONSE PRIORITY TYPE"]
_REJECTIONS: Final = CODE_SETS["REFERRAL REJECTION REASON"]
_CLOSURES: Final = CODE_SETS["REFERRAL CLOSURE REASON"]
_FHIR_PRIORITY: Final = {"1": "stat", "2": "urgent", "3": "routine", "4": "asap"}


class _Asked(NamedTuple):
    """What only the referral itself says: why, how soon, by whom; as FHIR elements and as words."""

    elements: Resource
    reason: str
    detail: str


_NOTHING_ASKED: Final = _Asked({}, "", "")
_UNKNOWN: Final = Team("", "")


class _Course(NamedTuple):
    """With whom a referral is, and how far it has come; `key` is how its entries are called."""

    key: str
    team: Team
    start: Moment
    end: Moment | None
    rejected: bool


def referral(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS101: one referral, the team it went to, and the relationship that it is."""
    team = extract.team(row["CareProfTeamLocalID"])
    start = row.start("ReferralRequestReceivedDate", "ReferralRequestReceivedTime")
    extract.referrals[row["ServiceRequestID"]] = Referred(team, row.start("ReferralRequestReceivedDate"))
    rejected = row.end(start, "ReferRejectionDate", "ReferRejectionTime")
    end = rejected or row.end(start, "ServDischDate", "ServDischTime")
    entries = _entries(row, extract, _Course(row["ServiceRequestID"], team, start, end, bool(rejected)), _asked(row))
    open_referral = Relationship(
        key=entries[0].key, kind="referral", started=start.instant, ended=end and end.instant, team=team.shown_name
    )
    return Statement(subject=subject, line=row.line, entries=entries, relationships=(open_referral,))


def other_team(row: Row, subject: Subject, extract: Extract) -> Statement | Finding:
    """MHS102: another team that the referral went to; in version 5 the only one. It begins with the referral."""
    referral_id, local_id = row["ServiceRequestID"], row["OtherCareProfTeamLocalID"]
    referred = extract.referrals[referral_id]
    team = extract.team(local_id, row["ServTeamTypeRefToMH"])
    rejected = row.moment("ReferRejectionDate", "ReferRejectionTime")
    end = rejected or row.moment("ReferClosureDate", "ReferClosureTime")
    if end and end.instant < referred.start.instant:
        return row.refused("mhsds-order", "the team's part ends before the referral was received; correct one of them")
    if local_id:
        extract.teams.setdefault(local_id, team)
    if referred.team == _UNKNOWN and not rejected:
        extract.referrals[referral_id] = referred._replace(team=team)
    course = _Course(f"{referral_id}/{local_id or team.type}", team, referred.start, end, bool(rejected))
    return Statement(subject=subject, line=row.line, entries=_entries(row, extract, course, _NOTHING_ASKED))


def _entries(row: Row, extract: Extract, course: _Course, asked: _Asked) -> tuple[Entry, ...]:
    """The request; and the team, if it is known and did not reject it."""
    request = _request(row, extract, course, asked)
    if course.rejected or course.team == _UNKNOWN:
        return (request,)
    return request, involved_team(row, extract, course.team, f"CareTeam/{course.key}", course.start, course.end)


def _asked(row: Row) -> _Asked:
    reason, source, priority = row["PrimReasonReferralMH"], row["SourceOfReferralMH"], row["ClinRespPriorityType"]
    by_justice = source in _SOURCES.restricted
    shown_source = "" if by_justice else source
    elements = known(
        priority=_FHIR_PRIORITY.get(priority),
        reasonCode=reason and [_REASONS.concept(reason)],
        extension=shown_source and [extension(f"{UK_CORE}SourceOfServiceRequest", _SOURCES.concept(shown_source))],
        requester=None if by_justice else _organisation(row["OrgIDReferringOrg"]),
    )
    told = (
        f"from {_SOURCES.label(shown_source)}" if shown_source else "",
        f"priority {_PRIORITIES.label(priority).lower()}" if priority else "",
    )
    return _Asked(elements, _REASONS.label(reason) if reason else "", joined(told, "; "))


def _organisation(code: str) -> Resource | None:
    return reference(ODS_ORGANISATION, code.upper()) if code else None


def _request(row: Row, extract: Extract, course: _Course, asked: _Asked) -> Entry:
    team, start, end = course.team, course.start, course.end
    rejection, closure = row["ReferRejectReason"], row["ReferClosReason"]
    resource = known(
        resourceType="ServiceRequest",
        status="revoked" if course.rejected else "completed" if end else "active",
        intent="order",
        authoredOn=start.fhir,
        occurrencePeriod=between(start, end),
        performer=[{"type": "CareTeam", "display": team.name}],
        **asked.elements,
    )
    told = (
        asked.detail,
        f"rejected: {_REJECTIONS.label(rejection)}" if rejection else "",
        f"closed: {_CLOSURES.label(closure)}" if closure else "",
    )
    return extract.entry(
        row,
        f"ServiceRequest/{course.key}",
        _REFERRALS,
        resource,
        joined((f"Referral to {team.name}", asked.reason), ": "),
        sensitivity=team.sensitivity,
        detail=joined(told, "; "),
        started=start.instant,
        ended=end and end.instant,
    )
