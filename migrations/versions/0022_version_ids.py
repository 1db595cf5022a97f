"""Versions of entries are called by what they are, not counted: a gap told of one that may not be seen."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_ID = """encode(substring(sha256(
    digest || convert_to(((extract(epoch FROM stored_at) * 1000000)::bigint)::text, 'UTF8')) FROM 1 FOR 8), 'hex')"""
_WRITTEN = """
    UPDATE {table} SET
        resource = convert_to(regexp_replace(convert_from(resource, 'UTF8'),
            '"versionId":"[0-9a-f]+"(,"lastUpdated":"[^"]*","source":"urn:pisano:)',
            '"versionId":"' || {name} || '"\\1'), 'UTF8'),
        summary = convert_to(regexp_replace(convert_from(summary, 'UTF8'),
            '"version":"?[0-9a-f]+"?(,"source")', '"version":' || {quoted} || '\\1'), 'UTF8')
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _write(_ID, f"""'"' || {_ID} || '"'""")


def downgrade() -> None:
    _write("version::text", "version::text")


def _write(name: str, quoted: str) -> None:
    for table in ("entry", "entry_version"):
        op.execute(sa.text(_WRITTEN.format(table=table, name=name, quoted=quoted).replace(":", "\\:")))
