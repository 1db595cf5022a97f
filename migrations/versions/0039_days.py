"""What is known to the day is told by its date, as it is from now on: its midnight is the day before in UTC."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_NAMES = ("started", "ended", "recorded")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    told = "convert_from(summary, 'UTF8')"
    for name in _NAMES:
        told = f"replace({told}, {_written(name, _INSTANT)}, {_written(name, _DAY)})"
    to_the_day = " OR ".join(f"({name} AT TIME ZONE 'Europe/London')::time = '00:00'" for name in _NAMES)
    for table in ("entry", "entry_version"):  # by their owner, who need not be anybody that passes the policies
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"UPDATE {table} SET summary = convert_to({told}, 'UTF8') WHERE {to_the_day}")  # noqa: S608  # ours
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """The version before reads dates too."""


_INSTANT = "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"')"
_DAY = "to_char({0} AT TIME ZONE 'Europe/London', 'YYYY-MM-DD')"


def _written(name: str, when: str) -> str:
    """How a line says an instant that is a midnight in London; nothing, which replaces nothing, where it is none."""
    said = f"""'"{name}":"' || {when.format(name)} || '"'"""
    return f"CASE WHEN ({name} AT TIME ZONE 'Europe/London')::time = '00:00' THEN {said} ELSE '' END"
