"""Who waits for whom where people are joined and parted: advisory locks that hold until the transaction ends.

Whoever files anything keeps people from being joined or parted meanwhile, so that no entry is written to a person who
has just become another.
"""

from typing import Final

from sqlalchemy import Connection

_IDENTITIES: Final = 0x5049_5342  # a space of PostgreSQL's two-part advisory locks that is ours


KEEP_IDENTITIES: Final = f"pg_advisory_xact_lock_shared({_IDENTITIES}, 0)"
"""What `keep_identities` calls, for a statement that does more."""


def keep_identities(connection: Connection) -> None:
    """Keep people from being joined or parted; any number may do so at once."""
    connection.exec_driver_sql(f"SELECT {KEEP_IDENTITIES}")


def change_identities(connection: Connection) -> None:
    """Join or part people, alone. Two who ask for it in the midst of filing cannot both go on: one is tried again."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, 0)", (_IDENTITIES,))
