"""What a person objects to, as it is sent. Pure."""

from datetime import date, datetime

from pydantic import Field

from app.mdt.workflow.locality import Localities
from app.sharing.facts import Account, Objection, ObjectionScope
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.web.api.said import NotUnderstood, Said


class Whom(Said):
    """One user, as their sign-in provider knows them."""

    issuer: str = Field(min_length=1, max_length=255)
    subject: str = Field(min_length=1, max_length=255)


class Objecting(Said):
    """What the person objects to: everything, or what must then be named.

    That is one heading, source, recipient or user; or the meetings of one team, by its locality, or one `on` a day.
    """

    scope: ObjectionScope
    category: str | None = Field(default=None, max_length=100)
    organisation: str | None = Field(default=None, max_length=20)
    user: Whom | None = None
    locality: str | None = Field(default=None, max_length=100)
    on: date | None = None


def objected(said: Objecting, localities: Localities, *, at: datetime) -> Objection:
    """The objection, lodged at an instant in UTC; raises `NotUnderstood` where it does not say what it covers."""
    try:
        category = Category(said.category) if said.category is not None else None
        organisation = OdsCode(said.organisation) if said.organisation is not None else None
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
    team = localities.by_id.get(said.locality) if said.locality is not None else None
    named = {
        ObjectionScope.ALL: not (said.category or said.organisation or said.user or said.locality),
        ObjectionScope.CATEGORY: category is not None,
        ObjectionScope.SOURCE: organisation is not None,
        ObjectionScope.RECIPIENT: organisation is not None,
        ObjectionScope.USER: said.user is not None,
        ObjectionScope.MEETING: team is not None,
    }
    if not named[said.scope] or (said.on is not None and team is None):
        raise NotUnderstood(
            "say what is objected to: a category, organisation, user or locality as the scope asks, none for all"
        )
    meeting = "/".join([team.locality, *([str(said.on)] if said.on else [])]) if team else None
    return Objection(
        id="lodged",
        scope=said.scope,
        upheld=False,
        started=at,
        category=category,
        organisation=organisation,
        account=Account(said.user.issuer, said.user.subject) if said.user else None,
        meeting=meeting if said.scope is ObjectionScope.MEETING else None,
        team=team.team if team and said.scope is ObjectionScope.MEETING and said.on is None else None,
    )
