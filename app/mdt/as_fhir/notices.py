"""What left by mail as FHIR R4 (Communication): that something was sent, when, and to whom of the staff. Pure.

About whom it was stands there only for whoever may see that person; the mail itself never says.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from app.mdt.as_fhir.elements import Resource, instant, patient, reference, resource
from app.mdt.workflow.notice import Notice
from app.vocabulary.fhir_elements import known

_ABOUT: Final = {"action": "Task", "referral": "ServiceRequest", "meeting": "Appointment"}
_PLAIN: Final = 12  # characters of its id, beside the thing's

Called = Callable[[Notice], str | None]
"""What whoever a notice is for is called."""


def communication(notice: Notice, called: Called, about: dict[str, Any] | None = None) -> Resource:
    """One notice; `about` tells whom of, and of what, for a requester who may see that."""
    status, why = _status(notice)
    name = called(notice)
    made = resource(
        "Communication",
        f"{notice.thing}.{notice.id.hex[:_PLAIN]}",
        status=status,
        statusReason=None if why is None else {"text": why},
        category=[{"text": "Notification of staff"}],
        medium=[{"text": "Electronic mail"}],
        sent=instant(notice.sent_at) if notice.sent_at else None,
        recipient=[{"type": "Practitioner", "display": name}] if name else None,
        payload=[{"contentString": notice.says}],
        **(about or {}),
    )
    changed = notice.sent_at or notice.given_up_at or notice.created_at
    return made | {"meta": made["meta"] | {"lastUpdated": instant(changed)}}


def about(notice: Notice, person_id: UUID | None) -> Resource:
    """What a notice was about, and of whom where it was about somebody, for whoever may read that."""
    kind = _ABOUT.get(notice.key.partition("/")[0])
    return known(
        about=[reference(kind, notice.thing)] if kind else None,
        subject=patient(person_id) if person_id else None,
    )


def _status(notice: Notice) -> tuple[str, str | None]:
    if notice.sent_at is not None:
        return "completed", None
    if notice.given_up_at is None:
        return "preparation", None
    return "not-done", "Nobody knows their address" if not notice.recipient else "No mail server took it"
