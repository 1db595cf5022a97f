"""The person or system that asks, in the one role that it asks in."""

from dataclasses import dataclass
from datetime import date

from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who is asking, for which organisation, in the one selected role: never the union of the roles they hold.

    `subject` is what their sign-in provider calls them, unique with `issuer`. `nhs_number` is their own, where their
    employer told it, so that nobody looks themselves up. `training_until` is the last day, in London, on which their
    information governance training counts; `None` is never trained. `teams` are the workgroups that relationships name.
    """

    subject: str
    issuer: str
    name: str
    organisation: OdsCode
    role: Role
    teams: frozenset[str] = frozenset()
    nhs_number: NHSNumber | None = None
    training_until: date | None = None
    session: str = ""
