"""By which guest profiles the agreement lets people of an organisation into a meeting, and how long before it. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from app.sharing.conditions import InvitationGround
from app.sharing.law import Law
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose


def guest_profiles(law: Law, organisation: OdsCode, *, purpose: Purpose, action: Action) -> frozenset[str]:
    """The profiles that a clause in force has for anyone of this organisation."""
    return frozenset(ground.profile for ground in _grounds(law, organisation, purpose, action))


def guest_lead(law: Law, organisation: OdsCode, *, purpose: Purpose, action: Action) -> timedelta | None:
    """How long before a meeting its guests of this organisation see anybody at all; `None` where it sends no guests."""
    leads = [ground.lead for ground in _grounds(law, organisation, purpose, action)]
    return max(leads, default=None)


def _grounds(law: Law, organisation: OdsCode, purpose: Purpose, action: Action) -> Iterator[InvitationGround]:
    return (
        conditions.ground
        for ask, terms in law.terms.items()
        if (ask.organisation, ask.purpose, ask.action) == (organisation, purpose, action)
        for conditions in terms.grants
        if isinstance(conditions.ground, InvitationGround)
    )
