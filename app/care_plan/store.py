"""Where a person's plan stands in the record: who controls it, and at which version it is."""

from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.care_plan.fhir import version_of
from app.vocabulary.ods_code import OdsCode

ADAPTER: Final = "care-plan"
"""As which feed a plan's entries are filed: written here, read from no file."""

WHOLE: Final = "CarePlan/support"
"""The key of the entry that carries the version of the whole."""

_PLANS: Final = 0x5049_5343  # a space of PostgreSQL's two-part advisory locks that is ours


class HeldPlan(NamedTuple):
    """The plan that is there: as whom it is filed, its controller, and its version, from 1."""

    filed_as: UUID
    controller: OdsCode
    version: int


def hold_plan(connection: Connection, person_id: UUID) -> None:
    """Be the only one who writes this person's plan until the transaction ends."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_PLANS, str(person_id)))


def held_plan(connection: Connection, person_id: UUID) -> HeldPlan | None:
    """The person's plan; of two, which a merge may bring together, the one that was written last."""
    row = connection.exec_driver_sql(
        """
        SELECT filed_as, partner, resource FROM entry
        WHERE person_id = %s AND adapter = %s AND key = %s ORDER BY stored_at DESC LIMIT 1
        """,
        (person_id, ADAPTER, WHOLE),
    ).one_or_none()
    return HeldPlan(row[0], OdsCode(row[1]), version_of(row[2])) if row else None
