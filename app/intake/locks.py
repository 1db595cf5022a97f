"""Who waits for whom: advisory locks that hold until the transaction ends, however its process ends.

Whoever files for a partner holds that partner. Whoever files at all keeps people from being joined or parted meanwhile,
so that no entry is written to a person who has just become another.
"""

from typing import Final

from sqlalchemy import Connection

from app.vocabulary.ods_code import OdsCode

_PARTNERS: Final = 0x5049_5341  # the spaces of PostgreSQL's two-part advisory locks that are ours
_IDENTITIES: Final = 0x5049_5342


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


def keep_identities(connection: Connection) -> None:
    """Keep people from being joined or parted; any number may do so at once."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock_shared(%s, 0)", (_IDENTITIES,))


def change_identities(connection: Connection) -> None:
    """Join or part people, alone. Two who ask for it in the midst of filing cannot both go on: one is tried again."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, 0)", (_IDENTITIES,))
