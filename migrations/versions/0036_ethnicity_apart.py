"""Ethnicity under a heading of its own, so that an agreement can keep it apart from who somebody is.

What was filed as part of a partner's account of the person is parted from it in all its versions: nothing is lost, and
whoever may read the account alone reads no ethnicity, not in its history either.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any, Final
from uuid import UUID

import orjson
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

EXTENSION: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
FURTHER: Final = (46 - 1) << 3  # from the number of demographics to that of ethnicity, in a label's number
AT_ONCE: Final = 1000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
AS_IT_WAS: Final = (
    "version, resource_type, started, ended, recorded, standing, occurred_on, message, line, stored_at, sensitivity,"
    " filed_as, partner, adapter"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("entry", "entry_version"):  # by their owner, who need not be anybody that passes the policies
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        for row in _accounts(table):
            _part(table, row)
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """What was parted stays so: the version before knows no such heading, and shows it to nobody."""


def _accounts(table: str) -> Iterator[Sequence[Any]]:
    connection: Any = op.get_bind().connection.driver_connection
    with connection.cursor(name=f"ethnicity_{table}") as cursor:
        cursor.execute(
            f"""
            SELECT person_id, id, version, filed_as, partner, adapter, key, digest, stored_at, summary, resource
            FROM {table} WHERE category = 'demographics' AND resource_type = 'Patient'
                AND position(convert_to('{EXTENSION}', 'UTF8') IN resource) > 0
            """  # noqa: S608  # ours
        )
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows


def _part(table: str, row: Sequence[Any]) -> None:
    person_id, number, version, filed_as, partner, adapter, key, digest, stored_at, summary, resource = row
    account, line = orjson.loads(resource), orjson.loads(summary)
    told = [one for one in account.get("extension", ()) if one.get("url") == EXTENSION]
    if not told:
        return
    own = _number(filed_as, f"{partner}|{adapter}|{key}/ethnicity")
    apart = {**{name: account[name] for name in ("resourceType", "meta", "link")}, "id": str(own), "extension": told}
    said = {**{name: of for name, of in line.items() if name != "identity"}, "id": str(own), "title": _words(told[0])}
    others = [one for one in account.pop("extension") if one.get("url") != EXTENSION]
    rest = {**account, "extension": others} if others else account
    which = (person_id, number, version)
    values = _called(digest, b"ethnicity", stored_at, said, apart)
    op.get_bind().exec_driver_sql(
        f"""
        INSERT INTO {table} (person_id, id, key, label, category, digest, summary, resource, {AS_IT_WAS})
        SELECT person_id, %s, key || '/ethnicity', label + {FURTHER}, 'ethnicity', %s, %s, %s, {AS_IT_WAS}
        FROM {table} WHERE (person_id, id, version) = (%s, %s, %s)
        """,  # noqa: S608  # ours
        (own, *values, *which),
    )
    op.get_bind().exec_driver_sql(
        f"UPDATE {table} SET digest = %s, summary = %s, resource = %s"  # noqa: S608  # ours
        " WHERE (person_id, id, version) = (%s, %s, %s)",
        (*_called(digest, b"account", stored_at, line, rest), *which),
    )


def _called(
    digest: bytes, part: bytes, stored_at: datetime, line: dict[str, Any], resource: dict[str, Any]
) -> tuple[bytes, bytes, bytes]:
    """A version is called by its digest and when it was stored: what is no longer the same is called otherwise."""
    own = sha256(part + digest).digest()
    name = sha256(own + b"%d" % ((stored_at - EPOCH) // timedelta(microseconds=1))).hexdigest()[:16]
    whole = {**resource, "meta": {**resource["meta"], "versionId": name}}
    return own, orjson.dumps({**line, "version": name}), orjson.dumps(whole)


def _number(filed_as: UUID, name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8, key=filed_as.bytes).digest()) >> 1


def _words(told: dict[str, Any]) -> str:
    concept = told.get("valueCodeableConcept", {})
    codings = concept.get("coding", ())
    display = next((one["display"] for one in codings if "display" in one), "")
    return str(concept.get("text") or display or next((one["code"] for one in codings if "code" in one), "Ethnicity"))
