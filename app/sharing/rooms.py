"""By which guest profiles the agreement lets people of an organisation into a meeting. Pure."""

from app.sharing.conditions import InvitationGround
from app.sharing.law import Law
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose


def guest_profiles(law: Law, organisation: OdsCode, *, purpose: Purpose, action: Action) -> frozenset[str]:
    """The profiles that a clause in force has for anyone of this organisation."""
    return frozenset(
        conditions.ground.profile
        for ask, terms in law.terms.items()
        if (ask.organisation, ask.purpose, ask.action) == (organisation, purpose, action)
        for conditions in terms.grants
        if isinstance(conditions.ground, InvitationGround)
    )
