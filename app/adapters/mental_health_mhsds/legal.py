"""MHS401 periods under the Mental Health Act and MHS404 community treatment orders: always restricted.

The status is a Flag with UK Core's classification. UK Core's own extension LegalStatus asks in which context, admission
or discharge, a status is told, which these tables do not say.
"""

from typing import Final, NamedTuple

from app.adapters.elements import spoken_date
from app.adapters.mental_health_mhsds.extract import Extract
from app.adapters.mental_health_mhsds.moments import Moment, between
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import CODE_SETS
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Resource, Statement, Subject

_LEGAL: Final = Category("legal")
_LEGAL_STATUS: Final = CODE_SETS["MENTAL HEALTH ACT LEGAL STATUS CLASSIFICATION CODE"]
_UNSTATED: Final = "Mental Health Act status, not stated which"
_ORDER: Final = "Community treatment order (Mental Health Act)"


class _Status(NamedTuple):
    """What a flag says; `key` is how it is called."""

    key: str
    title: str
    concept: Resource
    start: Moment
    end: Moment | None
    expires: str


def legal_status(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS401: a person's legal status for a time."""
    start = row.start("StartDateMHActLegalStatusClass", "StartTimeMHActLegalStatusClass")
    code, clock = row["LegalStatusCode"], row["ExpiryTimeMHActLegalStatusClass"]
    expires = _expiry(row, "ExpiryDateMHActLegalStatusClass")
    status = _Status(
        key=f"MHActPeriod/{row['MHActLegalStatusClassPeriodID']}",
        title=_LEGAL_STATUS.label(code) if code else _UNSTATED,
        concept=_LEGAL_STATUS.concept(code) if code else {"text": _UNSTATED},
        start=start,
        end=row.end(start, "EndDateMHActLegalStatusClass", "EndTimeMHActLegalStatusClass"),
        expires=f"{expires} at {clock}" if expires and clock else expires,
    )
    return Statement(subject=subject, line=row.line, entries=(_flag(row, extract, status),))


def community_treatment_order(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS404: treatment in the community under the Act."""
    start = row.start("StartDateCommTreatOrd")
    status = _Status(
        key=f"CommTreatOrder/{row['MHActLegalStatusClassPeriodID']}/{start.fhir}",
        title=_ORDER,
        concept={"text": _ORDER},
        start=start,
        end=row.end(start, "EndDateCommTreatOrd"),
        expires=_expiry(row, "ExpiryDateCommTreatOrd"),
    )
    return Statement(subject=subject, line=row.line, entries=(_flag(row, extract, status),))


def _expiry(row: Row, column: str) -> str:
    day = row.date(column)
    return f"expires {spoken_date(day)}" if day else ""


def _flag(row: Row, extract: Extract, status: _Status) -> Entry:
    resource: Resource = {
        "resourceType": "Flag",
        "status": "inactive" if status.end else "active",
        "category": [{"text": "Mental Health Act"}],
        "code": status.concept,
        "period": between(status.start, status.end),
    }
    return extract.entry(
        row,
        f"Flag/{status.key}",
        _LEGAL,
        resource,
        status.title,
        sensitivity=Sensitivity.RESTRICTED,
        detail=status.expires,
        started=status.start.instant,
        ended=status.end and status.end.instant,
    )
