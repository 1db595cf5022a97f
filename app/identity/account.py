"""Accounts of a place that has no sign-in provider of its own: a demonstration, or a small partner."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.identity.requester import Requester
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

ISSUER: Final = "local"
"""What stands for a provider where the place itself vouches for who signs in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAccount:
    """One person who may sign in; `roles` are those they hold, of which they ask in one at a time.

    Whoever works for no `organisation` here signs in for themselves, by their NHS number: they ask for nothing in a
    role, and see who looked at their record.
    """

    username: str
    name: str
    organisation: OdsCode | None
    roles: tuple[Role, ...]
    teams: frozenset[str] = frozenset()
    nhs_number: NHSNumber | None = None
    training_until: date | None = None

    def asking(self, role: Role | None = None, *, session: str = "") -> Requester | None:
        """This person in one role: the one selected, else the first they hold; `None` for a role that is not theirs."""
        selected = role or next(iter(self.roles), None)
        if self.organisation is None or selected is None or selected not in self.roles:
            return None
        return Requester(
            subject=self.username,
            issuer=ISSUER,
            name=self.name,
            organisation=self.organisation,
            role=selected,
            teams=self.teams,
            nhs_number=self.nhs_number,
            training_until=self.training_until,
            session=session,
        )
