"""How a person lives and why they are supported, as social care codes it; none of it dated by the source."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.adapters.social_care_cld.dates import recorded
from app.adapters.social_care_cld.headings import EventRow
from app.adapters.social_care_cld.observation import observation, told
from app.adapters.social_care_cld.people import locating
from app.adapters.social_care_cld.values import value
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry

_SUPPORT_REASON: Final = Category("support-reason")


@dataclass(frozen=True, slots=True)
class _Circumstance:
    """What one entry tells: fields of the row by the words a reader sees; whether it tells where the person lives."""

    name: str
    category: Category
    fields: Mapping[str, str]
    locates: bool = False


_CIRCUMSTANCES: Final = (
    _Circumstance("conditions", Category("problems"), {"Autism": "autism", "Dementia": "dementia"}),
    _Circumstance(
        "senses",
        Category("requirements"),
        {"Visual impairment": "visual_impairment", "Hearing impairment": "hearing_impairment"},
    ),
    _Circumstance("has-unpaid-carer", Category("contacts"), {"Has an unpaid carer": "has_unpaid_carer"}),
    _Circumstance("employment", Category("social-context"), {"Employment": "employment"}),
    _Circumstance("accommodation", Category("social-context"), {"Accommodation": "accommodation"}, locates=True),
)


def circumstances(row: EventRow) -> Iterator[Entry]:
    """Everything that the row tells of how the person lives; what is empty is not told."""
    for circumstance in _CIRCUMSTANCES:
        found = {words: value(field, getattr(row, field)) for words, field in circumstance.fields.items()}
        if any(found.values()):
            yield Entry(
                key=f"Observation/{circumstance.name}/{row.la_code}/{row.person_id}",
                category=circumstance.category,
                resource=observation(found),
                title=told(found),
                line=row.line,
                sensitivity=locating(row) if circumstance.locates else Sensitivity.NORMAL,
                recorded=recorded(row),
            )


def support_reason_keys(la_code: str) -> str:
    """How the keys of one council's primary support reasons begin."""
    return f"Observation/support-reason/{la_code}/"


def support_reason(row: EventRow) -> Entry:
    """Why the person is supported: one entry a reason, as different services may have different ones."""
    reason = value("support_reason", row.support_reason)
    found = {"Primary support reason": reason}
    return Entry(
        key=f"{support_reason_keys(row.la_code)}{row.person_id}/{reason.part}",
        category=_SUPPORT_REASON,
        resource=observation(found),
        title=told(found),
        line=row.line,
        recorded=recorded(row),
    )
