"""One referral as whoever asks may read it: the same decision whichever door they ask at."""

from uuid import UUID

from app.mdt.desk import Desk
from app.mdt.reading.answers.referrals import Referred
from app.mdt.steps.office import Office
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.refusal import unknown
from app.record.inquiry import Inquiry
from app.sharing.facts import account_of


async def referral(desk: Desk, inquiry: Inquiry, referral_id: UUID) -> Referred:
    """A referral, by one decision at every door; that its words were read is told to the trail first.

    What they wrote themselves to its referrers; all of it to those who triage, and the clock to the team, as far as the
    agreement lets them see the person: by the referral until it is decided, on the caseload from then on.
    """
    found = await referral_as_decided(desk, inquiry, referral_id)

    person_id = found["person_id"]
    await desk.ask(inquiry, lambda office: office.tell("referral/read", referral_id, person=person_id))
    names = await desk.record.glancing.identities(inquiry, {person_id})
    return {**found, "person": names.get(person_id)}


async def referral_as_decided(desk: Desk, inquiry: Inquiry, referral_id: UUID) -> Referred:
    """The same without whom it is about; INVARIANT: whoever answers with it tells the trail before."""

    def found(office: Office) -> tuple[Referral, frozenset[Relation]]:
        held = office.as_it_stands(office.held(Referral, referral_id))
        relations = office.relations(held, held.locality)
        if not relations & {Relation.TRIAGER, Relation.REFERRER, Relation.MEMBER}:
            raise unknown()
        return held, relations

    held, relations = await desk.ask(inquiry, found)
    sees = bool(await desk.record.glancing.may_see(inquiry, held.person_id))
    triages, referred = sees and Relation.TRIAGER in relations, Relation.REFERRER in relations
    if not sees and not referred:
        raise unknown()
    own = account_of(inquiry.requester)
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
        "made": [one for one in held.content.made if triages or one.by.account == own],
        "remarks": held.content.remarks if triages or referred else (),
        "possible": held.lifecycle.possible(held.state, relations),
    }
