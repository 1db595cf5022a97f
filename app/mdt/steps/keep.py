"""Keeping the caseload, as steps: who leads, when the team looks again, stepping down, joining two entries."""

from uuid import UUID

from app.mdt import store
from app.mdt.steps.agenda.lock import withdraw_item
from app.mdt.steps.office import Office
from app.mdt.steps.sight import end_sight, let_team_see
from app.mdt.workflow.agenda import AgendaItem, FollowUp
from app.mdt.workflow.caseload import (
    Assign,
    CaseloadEntry,
    JoinEntries,
    PlanReview,
    StepDown,
    Stepped,
    step_down_obstacle,
)
from app.mdt.workflow.lifecycles.states import CaseloadState, ItemState
from app.mdt.workflow.refusal import invalid
from app.vocabulary.london import london_date


def assign(office: Office, entry_id: UUID, form: Assign) -> CaseloadEntry:
    """Name who leads and who coordinates, both of parties to the agreement."""
    entry = office.seen(CaseloadEntry, entry_id, form.version)
    strangers = {form.lead.organisation, form.coordinator.organisation} - office.parties
    if strangers:
        raise invalid(f"{', '.join(sorted(strangers))} is no party to the agreement; name somebody of one that is")
    content = entry.content.model_copy(update={"lead": form.lead, "coordinator": form.coordinator})
    return office.advance(entry, "assign", content=content)


def plan_review(office: Office, entry_id: UUID, form: PlanReview) -> CaseloadEntry:
    """Say when the team looks again."""
    entry = office.seen(CaseloadEntry, entry_id, form.version)
    content = entry.content.model_copy(update={"review_reason": form.reason})
    return office.advance(entry, "plan-review", content=content, next_review=form.on)


def step_down(office: Office, entry_id: UUID, form: StepDown) -> CaseloadEntry:
    """Let somebody leave the caseload: from now on the team sees nothing of them, and open agendas lose them."""
    entry = office.seen(CaseloadEntry, entry_id, form.version)
    missing = step_down_obstacle(form)
    if missing:
        raise invalid(missing.problem, field=missing.field)
    stepped = Stepped(
        on=office.on,
        reason=form.reason,
        holder=form.holder,
        re_entry_trigger=form.re_entry_trigger,
        person_told=form.person_told,
    )
    content = entry.content.model_copy(update={"stepped_down": (*entry.content.stepped_down, stepped)})
    left = office.advance(entry, "step-down", content=content)
    end_sight(office, left)
    take_off_agendas(office, left.id, f"stepped down: {form.reason}")
    return left


def join_entry(office: Office, entry_id: UUID, form: JoinEntries) -> CaseloadEntry:
    """Join an entry into another of the same person, as after two records were merged."""
    entry = office.seen(CaseloadEntry, entry_id, form.version)
    into = office.held(CaseloadEntry, form.into)
    standing = office.standing({entry.person_id, into.person_id})
    same = standing.get(entry.person_id) == standing.get(into.person_id)
    if not same or into.id == entry.id or into.state != CaseloadState.ACTIVE or into.locality != entry.locality:
        raise invalid("only two active entries of one person in one locality are joined; have the records merged first")
    joined = office.advance(entry, "join-entry", content=entry.content.model_copy(update={"joined_into": into.id}))
    end_sight(office, joined)
    take_off_agendas(office, joined.id, "joined with another entry of the same person")
    content = into.content.model_copy(
        update={
            "referrals": tuple(dict.fromkeys((*into.content.referrals, *entry.content.referrals))),
            "segments": tuple(dict.fromkeys((*into.content.segments, *entry.content.segments))),
            "kept_from": tuple(sorted({*into.content.kept_from, *entry.content.kept_from})),
        }
    )
    since, review = min(into.since, entry.since), min(into.next_review, entry.next_review)
    kept = office.rewrite(into, "join", content=content, since=since, next_review=review)
    let_team_see(office, kept, office.locality(kept.locality))
    return joined


def follow_up(office: Office, item_id: UUID, form: FollowUp) -> AgendaItem:
    """Say when the person was told what was decided, and how, and when the plan was shared."""
    item = office.seen(AgendaItem, item_id, form.version)
    office.demand_sight(office.as_it_stands(item).person_id)
    said = form.model_dump(exclude={"version"}, exclude_none=True)
    discussed_on = london_date(item.ended_at) if item.ended_at else office.on
    for field, label in (("told_on", "they were told"), ("plan_shared_on", "the plan was shared")):
        if field in said and not discussed_on <= said[field] <= office.on:
            raise invalid(f"{label} between the discussion and today; check the day", field=field)
    return office.advance(item, "follow-up", content=item.content.model_copy(update=said))


def take_off_agendas(office: Office, entry_id: UUID, reason: str) -> None:
    """Withdraw somebody from whatever agenda they wait on; one who is being discussed is concluded as usual."""
    for item in store.among(office.connection, AgendaItem, caseload_id=entry_id, state=ItemState.LISTED):
        withdraw_item(office, item, reason)
