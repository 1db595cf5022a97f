"""Naming a member of staff on a form: by the name that they sign in with here, or by what their provider calls them."""

from typing import NamedTuple

from app.audit.store import works_for
from app.identity.account import ISSUER
from app.identity.providers.provider import Kind
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.web.frame.handled import written
from app.web.frame.viewing import Viewing


class User(NamedTuple):
    """Somebody who signs in, and for whom they work."""

    account: Account
    organisation: OdsCode


def providers(looking: Viewing) -> list[tuple[str, str]]:
    """With which providers staff sign in, by id and name; none where they sign in here."""
    openid = looking.place.openid
    return [(one.id, one.name) for one in openid.providers.values() if one.kind is not Kind.PERSON] if openid else []


async def user_named(looking: Viewing, typed: str, provider: str = "") -> User | None:
    """Whoever signs in so; `None` where nobody does, so that nothing is said of a name that was misspelt.

    Where there are several providers one is named by its id. Of whom a provider vouches for only the trail tells who
    they are: they have signed in before, and for whom they work is for whom they did last.
    """
    if looking.place.openid is None:
        local = await looking.place.account(typed.lower()) if typed else None
        if local is None or local.organisation is None:
            return None
        return User(Account(ISSUER, local.username), local.organisation)
    known = [one for one, _ in providers(looking)]
    chosen = provider if provider in known else known[0] if len(known) == 1 else None
    if chosen is None or not typed:
        return None
    account = Account(looking.place.openid.providers[chosen].issuer, typed)
    organisation = await written(looking.place, lambda connection: works_for(connection, account))
    return User(account, organisation) if organisation else None
