"""One referral as whoever asks may read it: the same decision whichever door they ask at."""

from typing import Any
from uuid import UUID

from app.mdt.desk import Desk
from app.mdt.steps.office import Office, unknown
from app.mdt.workflow.lifecycle import Relation
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.thing import Refusal, Refused
from app.record.inquiry import Inquiry
from app.sharing.facts import Account, account_of

Referred = dict[str, Any]


async def referral(desk: Desk, inquiry: Inquiry, referral_id: UUID) -> Referred | Refusal:
    """A referral, by one decision at every door; that its words were read is told to the trail first.

    What they wrote themselves to its referrers; all of it to those who triage, and the clock to the team, as far as the
    agreement lets them see the person: by the referral until it is decided, on the caseload from then on.
    """
    found = await referral_as_decided(desk, inquiry, referral_id)
    if isinstance(found, Refusal):
        return found

    def told(office: Office) -> None:
        office.tell("referral/read", referral_id, person=found["person_id"])

    await desk.ask(inquiry, told)
    names = await desk.record.identities(inquiry, {found["person_id"]})
    return found | {"person": names.get(found["person_id"])}


async def referral_as_decided(desk: Desk, inquiry: Inquiry, referral_id: UUID) -> Referred | Refusal:
    """The same without whom it is about; INVARIANT: whoever answers with it tells the trail before."""

    def shown(office: Office) -> Referred:
        held = office.as_it_stands(office.held(Referral, referral_id))
        relations = office.relations(held, held.locality)
        if not relations & {Relation.TRIAGER, Relation.REFERRER, Relation.MEMBER}:
            raise Refused(unknown())
        return {
            "id": held.id,
            "person_id": held.person_id,
            "locality": held.locality,
            "state": held.state,
            "version": held.version,
            "urgency": held.urgency,
            "received_at": held.received_at,
            "triage_due": held.triage_due,
            "clock_stopped": held.content.clock_stopped,
            "made": held.content.made,
            "remarks": held.content.remarks,
            "possible": held.lifecycle.possible(held.state, relations),
            "relations": relations,
        }

    found = await desk.ask(inquiry, shown)
    if isinstance(found, Refusal):
        return found
    sees = bool(await desk.record.may_see(inquiry, found["person_id"]))
    return _as_decided(found, account_of(inquiry.requester), sees=sees)


def _as_decided(found: Referred, own: Account, *, sees: bool) -> Referred | Refusal:
    relations = found.pop("relations")
    triages, referred = sees and Relation.TRIAGER in relations, Relation.REFERRER in relations
    if not sees and not referred:
        return unknown()
    made = [one for one in found["made"] if triages or one.by.account == own]
    return found | {"made": made, "remarks": found["remarks"] if triages or referred else ()}
