"""Who waits for whom: advisory locks that hold until the transaction ends, however its process ends.

Whoever files for a partner holds that partner; and keeps people as they are meanwhile (`person.locks`).
"""

from typing import Final

from sqlalchemy import Connection

from app.person.locks import KEEP_IDENTITIES
from app.vocabulary.ods_code import OdsCode

_PARTNERS: Final = 0x5049_5341  # a space of PostgreSQL's two-part advisory locks that is ours

TRY_FILING: Final = f"""
    SELECT CASE WHEN pg_try_advisory_xact_lock({_PARTNERS}, hashtext(%(partner)s))
           THEN {KEEP_IDENTITIES} IS NOT NULL ELSE false END
"""
"""Hold a partner's feeds unless someone else does, and only then keep people as they are."""


def try_partner(connection: Connection, partner: OdsCode) -> bool:
    """Hold a partner's feeds, unless someone else does."""
    return bool(
        connection.exec_driver_sql(
            "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", (_PARTNERS, partner)
        ).scalar_one()
    )


def hold_partner(connection: Connection, partner: OdsCode) -> None:
    """Hold a partner's feeds, waiting for whoever files a message of theirs."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_PARTNERS, partner))
