"""Whether somebody whom an objection names is anybody: one to a name that was misspelt would protect nobody."""

from sqlalchemy import Connection

from app.audit.store import works_for
from app.identity.account import ISSUER
from app.identity.store import accounts
from app.sharing.facts import Account


def signs_in(connection: Connection, account: Account) -> bool:
    """Whether anybody signs in so. Of whom a provider vouches for, the trail alone tells: whoever acted here before."""
    if account.issuer == ISSUER:
        return any(each.username == account.subject and each.organisation for each in accounts(connection))
    return works_for(connection, account) is not None
