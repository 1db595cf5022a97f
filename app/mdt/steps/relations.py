"""What whoever acts is to a team and to its things, by which its tables let them act."""

from typing import Final

from app.mdt.workflow.action import Action
from app.mdt.workflow.invitation import Invitation
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.thing import Thing
from app.record.inquiry import Inquiry
from app.sharing.facts import account_of
from app.vocabulary.token import Role

CLOCK: Final = Role("clock")
"""The role in which the background process acts; no agreement knows it, so that it sees nobody."""

CHAIR: Final = Role("mdt-chair")
COORDINATOR: Final = Role("mdt-coordinator")


def team_relations(inquiry: Inquiry, locality: LocalityDocument) -> set[Relation]:
    """What a requester is to a locality: of its team by the workgroup that their account carries, in one role."""
    requester = inquiry.requester
    if requester.role == CLOCK and requester.issuer == "pisano":
        return {Relation.CLOCK}
    if locality.team not in requester.teams:
        return set()
    found = {Relation.MEMBER}
    if requester.role == CHAIR:
        found.add(Relation.CHAIR)
    if requester.role == COORDINATOR:
        found.add(Relation.COORDINATOR)
    if requester.role in locality.triage.by:
        found.add(Relation.TRIAGER)
    return found


def own_relations(inquiry: Inquiry, thing: Thing) -> set[Relation]:
    """What a requester is to one thing by themselves, whatever team they are of."""
    account, organisation = account_of(inquiry.requester), inquiry.requester.organisation
    if isinstance(thing, Referral):
        return {Relation.REFERRER} if account in thing.referrers else set()
    if isinstance(thing, Invitation):
        theirs = (account, organisation) == (thing.account, thing.organisation)
        return {Relation.INVITEE} if theirs else set()
    if isinstance(thing, Action):
        own = {Relation.OWNER} if account == thing.account and organisation == thing.organisation else set()
        return own | ({Relation.COLLEAGUE} if organisation == thing.organisation else set())
    return set()
