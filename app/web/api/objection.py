"""What a person objects to, as it is sent. Pure."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.sharing.facts import Account, Objection, ObjectionScope
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.web.api.routes import NotUnderstood


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Whom(_Said):
    """One user, as their sign-in provider knows them."""

    issuer: str = Field(min_length=1, max_length=255)
    subject: str = Field(min_length=1, max_length=255)


class Objecting(_Said):
    """What the person objects to: everything, or one heading, source, recipient or user, which must then be named."""

    scope: ObjectionScope
    category: str | None = Field(default=None, max_length=100)
    organisation: str | None = Field(default=None, max_length=20)
    user: Whom | None = None


def objected(said: Objecting, *, at: datetime) -> Objection:
    """The objection, lodged at an instant in UTC; raises `NotUnderstood` where it does not say what it covers."""
    try:
        category = Category(said.category) if said.category is not None else None
        organisation = OdsCode(said.organisation) if said.organisation is not None else None
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
    named = {
        ObjectionScope.ALL: not (said.category or said.organisation or said.user),
        ObjectionScope.CATEGORY: category is not None,
        ObjectionScope.SOURCE: organisation is not None,
        ObjectionScope.RECIPIENT: organisation is not None,
        ObjectionScope.USER: said.user is not None,
    }
    if not named[said.scope]:
        raise NotUnderstood("say what is objected to: a category, organisation or user as the scope asks, none for all")
    return Objection(
        id="lodged",
        scope=said.scope,
        upheld=False,
        started=at,
        category=category,
        organisation=organisation,
        account=Account(said.user.issuer, said.user.subject) if said.user else None,
    )
