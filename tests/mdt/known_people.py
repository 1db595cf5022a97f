"""People as partners' entries tell of them, for tests of case finding."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import orjson

from app.identity.requester import Requester
from app.mdt.case_finding.find import Case, case_of
from app.mdt.case_finding.scores import CompleteSince
from app.record.sifted import Considered, Sifted
from app.sharing.decide import decide
from app.sharing.decision import Decision
from app.sharing.facts import PersonFacts, Relationship
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Purpose, Role
from tests.conftest import the_agreements

AT = datetime(2026, 6, 30, 9, tzinfo=UTC)
TRUST, COUNCIL, MENTAL_HEALTH, HOUSING, PRACTICE = map(OdsCode, ("RL4", "LA508", "RRE", "WH100", "M92001"))
PERSON = UUID("7d4f2f5e-0000-4000-8000-000000000001")
_numbers = count(1)


def day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)


def stated(
    partner: OdsCode,
    category: str,
    resource: dict[str, Any],
    *,
    started: str | None = None,
    ended: str | None = None,
    standing: str = "current",
    sensitivity: Sensitivity = Sensitivity.NORMAL,
    title: str = "",
    detail: str = "",
) -> Sifted:
    return Sifted(
        next(_numbers),
        Label(partner, Category(category), sensitivity),
        resource["resourceType"],
        day(started) if started else None,
        day(ended) if ended else None,
        standing,
        orjson.dumps(resource),
        orjson.dumps({"title": title or resource["resourceType"], "detail": detail}),
    )


def born(on: str, *, partner: OdsCode = TRUST, **more: Any) -> Sifted:
    return stated(partner, "demographics", {"resourceType": "Patient", "birthDate": on, **more})


def diagnosed(code: str, *, visit: str | None = None, partner: OdsCode = TRUST, started: str = "2026-01-01") -> Sifted:
    coding = {"system": "http://hl7.org/fhir/sid/icd-10", "code": code}
    told: dict[str, Any] = {"resourceType": "Condition", "code": {"coding": [coding]}}
    if visit:
        told["encounter"] = {"identifier": {"value": visit}}
    return stated(partner, "problems", told, started=started)


def stay(visit: str, admitted: str, left: str | None, *, method: str | None = "21") -> Sifted:
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod"
    told: dict[str, Any] = {"resourceType": "Encounter", "class": {"code": "IMP"}, "identifier": [{"value": visit}]}
    if method:
        told["hospitalization"] = {"extension": [{"url": url, "valueCodeableConcept": {"coding": [{"code": method}]}}]}
    return stated(TRUST, "admissions", told, started=admitted, ended=left, standing="ended" if left else "current")


def flag(partner: OdsCode, category: str, *, status: str = "active", **more: Any) -> Sifted:
    return stated(partner, category, {"resourceType": "Flag", "status": status}, started="2026-05-01", **more)


@cache
def decision() -> Decision:
    """What a GP may read, to find cases, of someone registered with the practice."""
    requester = Requester(
        subject="gp",
        issuer="local",
        name="Dr Gita Parmar",
        organisation=PRACTICE,
        role=Role("gp"),
        training_until=date(2027, 1, 1),
    )
    registered = Relationship(id="1", kind="registration", organisation=PRACTICE, started=day("2020-01-01"))
    return decide(
        requester,
        action=READ,
        purpose=Purpose("case-finding"),
        facts=PersonFacts(relationships=(registered,)),
        agreements=the_agreements(),
        at=AT,
    )


def case(
    *entries: Sifted, complete_since: CompleteSince | None = None, locality: str | None = "northgate"
) -> Case | None:
    def locality_of(practices: Iterable[str], postcodes: Iterable[str]) -> str | None:
        return locality

    considered = Considered(PERSON, decision(), entries)
    return case_of(considered, at=AT, locality_of=locality_of, complete_since=complete_since or {})


def reasons(*entries: Sifted) -> list[str]:
    found = case(*entries)
    return [reason.code for reason in found.reasons] if found else []
