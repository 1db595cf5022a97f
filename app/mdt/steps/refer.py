"""Referring and triage, as steps: the same person referred by three partners is one referral with three referrers."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from pydantic import Field

from app.mdt import store
from app.mdt.steps.invite import end_guests
from app.mdt.steps.office import Office
from app.mdt.steps.sight import end_triagers_sight, let_team_see, let_triagers_see
from app.mdt.workflow.caseload import CaseloadContent, CaseloadEntry
from app.mdt.workflow.forms import Change, Remark, Words
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.lifecycles.states import CaseloadState, ReferralState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.notice import NoticeKind
from app.mdt.workflow.referral import (
    AWAITING_TRIAGE,
    Made,
    Referral,
    ReferralContent,
    ReferralForm,
    Urgency,
    obstacles,
    restarted,
    segments_of,
    triage_due,
)
from app.mdt.workflow.refusal import invalid, unknown
from app.person.standing_store import lock_standing

_TOLD: Final[Mapping[str, NoticeKind]] = {
    "ask": NoticeKind.REFERRAL_ASKED,
    "accept": NoticeKind.REFERRAL_DECIDED,
    "redirect": NoticeKind.REFERRAL_DECIDED,
    "standard-pathway": NoticeKind.REFERRAL_DECIDED,
}
"""Of which decisions the referrers are told."""

_OPEN = (*AWAITING_TRIAGE, ReferralState.ACCEPTED)


class Decide(Change):
    """A decision of triage, and why."""

    reason: Words


class Redirect(Decide):
    """To which other service."""

    to: Words


class Accept(Decide):
    """From when on the person is on the caseload is the day of accepting; `review_on` is when they are first due."""

    review_on: date | None = Field(default=None, description="when first due; at the next meeting where none is said")


def refer(office: Office, form: ReferralForm) -> Referral:
    """Refer somebody whom the referrer may see; one who is referred already has one referrer more."""
    standing = lock_standing(office.connection, {form.person_id}).get(form.person_id)
    if standing is None:
        raise unknown()
    office.demand_sight(standing)
    locality = _belongs_to(office, form)
    wrong = obstacles(form, locality, office.parties)
    if wrong:
        raise invalid("; ".join(wrong))
    made = Made(by=office.by, at=office.at, form=form)
    known = _referred_already(office, locality, standing)
    return _join(office, known, made, locality) if known else _received(office, made, locality)


def _belongs_to(office: Office, form: ReferralForm) -> LocalityDocument:
    residence = office.known.residence
    found = office.localities.of(residence.practices, residence.postcodes) if residence else None
    if found is not None:
        return found
    if form.locality is None or form.locality not in office.localities.by_id:
        raise invalid("neither practice nor home tells where the person belongs; say the locality, by its id")
    return office.localities.by_id[form.locality]


def _referred_already(office: Office, locality: LocalityDocument, person_id: UUID) -> Referral | None:
    """The referral that another joins: one that waits for triage, or whose person is on the caseload."""
    there = store.among(office.connection, Referral, locality=locality.locality, state=_OPEN)
    standing = office.standing({one.person_id for one in there})
    theirs = [one for one in there if standing.get(one.person_id) == person_id]
    entries = store.among(office.connection, CaseloadEntry, locality=locality.locality, state=CaseloadState.ACTIVE)
    on_caseload = {referral for entry in entries for referral in entry.content.referrals}
    waiting = [one for one in theirs if one.state != ReferralState.ACCEPTED or one.id in on_caseload]
    return office.held(Referral, waiting[0].id) if waiting else None


def _received(office: Office, made: Made, locality: LocalityDocument) -> Referral:
    urgency = made.form.urgency
    received = office.begin(
        Referral(
            id=office.new_id(),
            locality=locality.locality,
            person_id=made.form.person_id,
            state=Referral.lifecycle.initial,
            version=1,
            urgency=urgency,
            received_at=office.at,
            triage_due=triage_due(office.on, urgency, locality),
            content=ReferralContent(made=(made,), decile=office.known.decile),
        ),
        "receive",
    )
    let_triagers_see(office, received, locality)
    return received


def _join(office: Office, referral: Referral, made: Made, locality: LocalityDocument) -> Referral:
    if any((before.by.account, before.form) == (made.by.account, made.form) for before in referral.content.made):
        return referral  # sent again, as where an answer was lost on its way
    urgent = Urgency.URGENT in (referral.urgency, made.form.urgency)
    joined = office.advance(
        referral,
        "join",
        extra={Relation.REFERRER},
        content=referral.content.model_copy(update={"made": (*referral.content.made, made)}),
        urgency=Urgency.URGENT if urgent else Urgency.ROUTINE,
        triage_due=min(referral.triage_due, triage_due(office.on, made.form.urgency, locality)),
    )
    if made.form.agreement.objects_to:
        _keep_from(office, joined)
        if joined.state in AWAITING_TRIAGE:
            let_triagers_see(office, joined, locality)
    return joined


def ask(office: Office, referral_id: UUID, form: Decide) -> Referral:
    """Ask the referrers for more; the clock stands still until they answer."""
    referral = office.seen(Referral, referral_id, form.version)
    return _remark(office, referral, "ask", form.reason, clock_stopped=office.on)


def answer(office: Office, referral_id: UUID, form: Decide) -> Referral:
    """Answer what the triagers asked."""
    referral = office.seen(Referral, referral_id, form.version)
    due = restarted(referral, office.on)
    return _remark(office, referral, "answer", form.reason, clock_stopped=None, due=due)


def redirect(office: Office, referral_id: UUID, form: Redirect) -> Referral:
    """Send the person to another service than the team."""
    referral = office.seen(Referral, referral_id, form.version)
    return _remark(office, referral, "redirect", form.reason, redirected_to=form.to, decided_on=office.on)


def standard_pathway(office: Office, referral_id: UUID, form: Decide) -> Referral:
    """Leave the person to the pathway that is there for them: their need is not one of several services at once."""
    referral = office.seen(Referral, referral_id, form.version)
    return _remark(office, referral, "standard-pathway", form.reason, decided_on=office.on)


def withdraw(office: Office, referral_id: UUID, form: Decide) -> Referral:
    """Take a referral back, as where the person has changed their mind."""
    referral = office.seen(Referral, referral_id, form.version)
    if len(referral.referrers) > 1:
        raise invalid("others refer this person too; tell the triagers instead")
    return _remark(office, referral, "withdraw", form.reason, decided_on=office.on)


def accept(office: Office, referral_id: UUID, form: Accept) -> Referral:
    """Take the person on: from now on the team has to do with them, but for those to whom they object."""
    referral = office.seen(Referral, referral_id, form.version)
    accepted = _remark(office, referral, "accept", form.reason, decided_on=office.on)
    locality = office.locality(referral.locality)
    person_id = lock_standing(office.connection, {referral.person_id}).get(referral.person_id, referral.person_id)
    entry = _take_on(office, accepted, person_id, form.review_on or office.on)
    let_team_see(office, entry, locality)
    return accepted


def _take_on(office: Office, referral: Referral, person_id: UUID, review_on: date) -> CaseloadEntry:
    """Onto the caseload; somebody who was on it comes back to their own entry."""
    there = store.among(office.connection, CaseloadEntry, locality=referral.locality)
    standing = office.standing({entry.person_id for entry in there})
    theirs = [
        entry for entry in there if standing.get(entry.person_id) == person_id and entry.state != CaseloadState.JOINED
    ]
    first = referral.content.made[0].form
    kept_from = tuple(sorted(referral.kept_from))
    if not theirs:
        content = CaseloadContent(
            question=first.question, segments=segments_of(referral), referrals=(referral.id,), kept_from=kept_from
        )
        entry = CaseloadEntry(
            id=office.new_id(),
            locality=referral.locality,
            person_id=referral.person_id,
            state=CaseloadEntry.lifecycle.initial,
            version=1,
            since=office.on,
            next_review=review_on,
            content=content,
        )
        return office.begin(entry, "take-on")
    entry = office.held(CaseloadEntry, theirs[0].id)
    content = entry.content.model_copy(
        update={
            "question": first.question,
            "referrals": (*entry.content.referrals, referral.id),
            "kept_from": tuple(sorted({*entry.content.kept_from, *kept_from})),
        }
    )
    if entry.state == CaseloadState.STEPPED_DOWN:
        return office.advance(entry, "re-enter", content=content, since=office.on, next_review=review_on)
    return office.rewrite(entry, "refer-again", content=content, next_review=min(entry.next_review, review_on))


def _keep_from(office: Office, referral: Referral) -> None:
    """An objection that a later referrer was told of holds at once for whoever is on the caseload already."""
    entries = store.among(office.connection, CaseloadEntry, locality=referral.locality, state=CaseloadState.ACTIVE)
    for entry in [each for each in entries if referral.id in each.content.referrals]:
        held = office.held(CaseloadEntry, entry.id)
        kept_from = tuple(sorted({*held.content.kept_from, *referral.kept_from}))
        content = held.content.model_copy(update={"kept_from": kept_from})
        changed = office.rewrite(held, "keep-from", content=content)
        let_team_see(office, changed, office.locality(entry.locality))
        end_guests(office, changed)


def _remark(
    office: Office, referral: Referral, event: str, said: str, *, due: date | None = None, **told: object
) -> Referral:
    remark = Remark(by=office.by, at=office.at, event=event, said=said)
    content = referral.content.model_copy(update={**told, "remarks": (*referral.content.remarks, remark)})
    moved = office.advance(referral, event, content=content, triage_due=due or referral.triage_due)
    if moved.state not in AWAITING_TRIAGE:
        end_triagers_sight(office, moved)
    for account in moved.referrers if event in _TOLD else ():
        key = f"referral/{moved.id}/{moved.version}/{account.issuer}/{account.subject}"
        office.notify(_TOLD[event], account, key, f"/referrals/{moved.id}")
    return moved


def waited(referral: Referral, on: date) -> timedelta:
    """How long past its due day a referral has waited for triage; nothing where it is in time or decided."""
    if referral.state != ReferralState.RECEIVED:
        return timedelta()
    return max(on - referral.triage_due, timedelta())
