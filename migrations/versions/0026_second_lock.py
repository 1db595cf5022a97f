"""The second lock: of the record, the service reads what the decision in hand permits, and nothing without one.

The settings are made in the transaction of each read, by app/record/store.py and app/person/find.py.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

PARTITIONS = 16
TABLES = ("entry", "entry_version", "attachment", "person_identity")

# each setting is read and cast once a query: a cast outside its SELECT would be done again for every row
PEOPLE = "(SELECT nullif(current_setting('pisano.people', true), '')::uuid[])::uuid[]"
NOT_BEFORE = "(SELECT nullif(current_setting('pisano.not_before', true), '')::date[])"
# Numbers of eight bytes one after another, of which those that most entries have come first: to read them as an array
# would cost more than the query. Whatever is found between two of them is none.
LABELS = "(SELECT decode(current_setting('pisano.labels', true), 'hex'))"
PLACE = f"position(int8send(label) IN {LABELS})"

AS_DECIDED = f"""
    person_id = ANY ({PEOPLE}) AND {PLACE} % 8 = 1
    AND ({NOT_BEFORE} IS NULL OR occurred_on IS NULL
         OR occurred_on >= ({NOT_BEFORE})[{PLACE} / 8 + 1])
"""
WHOSE = "id = (SELECT nullif(current_setting('pisano.entry', true), '')::bigint)"
OF_AN_ENTRY = "EXISTS (SELECT FROM entry WHERE (entry.id, entry.version) = (attachment.entry_id, attachment.version))"
IN_ACCOUNTS = "partner = ANY ((SELECT nullif(current_setting('pisano.accounts', true), '')::text[])::text[])"

POLICIES = (
    ("as_decided", "entry", AS_DECIDED),
    ("as_decided", "entry_version", AS_DECIDED),
    ("whose", "entry", WHOSE),
    ("of_an_entry", "attachment", OF_AN_ENTRY),
    ("in_accounts", "person_identity", IN_ACCOUNTS),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in (*TABLES, *(f"entry_{part:02}" for part in range(PARTITIONS))):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for name, table, permits in POLICIES:
        op.execute(f"CREATE POLICY {name} ON {table} FOR SELECT TO pisano_service USING ({permits})")


def downgrade() -> None:
    for name, table, _ in POLICIES:
        op.execute(f"DROP POLICY {name} ON {table}")
    for table in (*TABLES, *(f"entry_{part:02}" for part in range(PARTITIONS))):
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
