"""MHS006 care coordinators, MHS901 professionals and MHS902 teams: who is involved, and how far one can reach them.

MHSDS holds neither names nor telephone numbers: the kind of team and the job role are all there is.
"""

from typing import Final

from app.adapters.mental_health_mhsds.extract import Extract
from app.adapters.mental_health_mhsds.moments import Moment, between
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import CODE_SETS
from app.adapters.mental_health_mhsds.team import Team
from app.vocabulary.category import Category
from app.vocabulary.statement import Entry, Relationship, Resource, Statement, Subject

_CARE_TEAM: Final = Category("care-team")
_JOB_ROLES: Final = CODE_SETS["CARE PROFESSIONAL (JOB ROLE CODE)"]
_COORDINATOR: Final = "Mental health care coordinator"


def learn_professional(row: Row, extract: Extract) -> None:
    """MHS901: keep the job role of a professional whom other tables name."""
    if row["CareProfJobRoleCode"]:
        extract.keep_one_more()
        extract.job_roles[row["CareProfLocalID"]] = row["CareProfJobRoleCode"]


def learn_team(row: Row, extract: Extract) -> None:
    """MHS902: keep the type of a team that other tables name."""
    local_id = row["CareProfTeamLocalID"]
    extract.keep_one_more()
    extract.teams[local_id] = Team(local_id, row["ServTeamTypeMH"])


def involved_team(row: Row, extract: Extract, team: Team, key: str, start: Moment | None, end: Moment | None) -> Entry:
    """A team that is, or was, involved with the person."""
    return extract.entry(
        row,
        key,
        _CARE_TEAM,
        _care_team(extract, team, start, end),
        team.name,
        sensitivity=team.sensitivity,
        started=start and start.instant,
        ended=end and end.instant,
    )


def care_coordinator(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS006: the professional who coordinates someone's care, who thereby has them on the caseload."""
    start = row.start("StartDateAssCareCoord")
    end = row.end(start, "EndDateAssCareCoord")
    team = Team("", row["CareProfServOrTeamTypeAssoc"])
    role = extract.job_roles.get(row["CareProfLocalID"], "")
    told = ", ".join(filter(None, (_JOB_ROLES.label(role) if role else "", team.name if team.type else "")))
    resource = _care_team(extract, team, start, end)
    resource["participant"] = [{"role": [{"text": _COORDINATOR}], "member": _member(row, role)}]
    key = f"CareTeam/care-coordinator/{row['LocalPatientID']}/{start.fhir}/{row['CareProfLocalID']}"
    entry = extract.entry(
        row,
        key,
        _CARE_TEAM,
        resource,
        f"{_COORDINATOR}: {told}" if told else _COORDINATOR,
        sensitivity=team.sensitivity,
        started=start.instant,
        ended=end and end.instant,
    )
    caseload = Relationship(
        key=key, kind="caseload", started=start.instant, ended=end and end.instant, team=team.shown_name
    )
    return Statement(subject=subject, line=row.line, entries=(entry,), relationships=(caseload,))


def _care_team(extract: Extract, team: Team, start: Moment | None, end: Moment | None) -> Resource:
    return {
        "resourceType": "CareTeam",
        "status": "inactive" if end else "active",
        "name": team.name,
        "period": between(start, end),
        "managingOrganization": [extract.organisation],
    } | ({"identifier": [{"value": team.local_id}]} if team.local_id else {})


def _member(row: Row, role: str) -> Resource:
    display = _JOB_ROLES.label(role) if role else "Care professional"
    local_id = row["CareProfLocalID"]
    return {"type": "Practitioner", "display": display} | ({"identifier": {"value": local_id}} if local_id else {})
