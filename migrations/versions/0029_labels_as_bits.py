"""Labels by numbers that tell themselves, so that a decision travels to the second lock as bits.

A row's number is its controller's (its code, read as a number of digits from 1 to 36) times 512, and 8 times its
category's, and its sensitivity's. The settings that rows are compared with are made in the transaction of each read, by
app/record/lock.py, which tells what they hold.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NAMES = (
    "demographics address gp-practice about-me alerts staff-safety legal safeguarding contacts care-team requirements"
    " research referrals encounters admissions appointments problems procedures medications allergies vaccinations"
    " results examinations assessments formulation risks family-history social-context education pregnancy actions"
    " care-plans contingency supporting-plans end-of-life care-packages documents support-reason equipment"
    " sharing-preferences tenancy tenancy-risk home homelessness"
)
CATEGORIES: Final = NAMES.split(" ")
SENSITIVITIES: Final = ("normal", "locating", "restricted", "sexual-health", "domestic-abuse", "sealed", "barred")
DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# each setting is read and cast once a query: a cast outside its SELECT would be done again for every row
PEOPLE = "(SELECT nullif(current_setting('pisano.people', true), '')::uuid[])::uuid[]"
CONTROLLERS = "(SELECT nullif(current_setting('pisano.controllers', true), '')::int8[])"
LABELS = "(SELECT decode(nullif(current_setting('pisano.labels', true), ''), 'hex'))"
DAYS = "(SELECT nullif(current_setting('pisano.days', true), '')::date[])"
ENTRY = "(SELECT nullif(current_setting('pisano.entry', true), '')::bigint)"
BLOCK = f"width_bucket(label >> 9, {CONTROLLERS}) + width_bucket(coalesce(occurred_on, 'infinity'), {DAYS})"
PERMITTED = f"person_id = ANY ({PEOPLE}) AND get_bit({LABELS}, ({BLOCK}) * 512 + (label & 511)) = 1"
# as an equation it would be searched for by an index of its own, beside the person's, with each read
WHOSE = f"id IS NOT DISTINCT FROM {ENTRY}"

FORMER_NOT_BEFORE = "(SELECT nullif(current_setting('pisano.not_before', true), '')::date[])"
FORMER_LABELS = "(SELECT decode(current_setting('pisano.labels', true), 'hex'))"
FORMER_PLACE = f"position(int8send(label) IN {FORMER_LABELS})"
FORMER = f"""
    person_id = ANY ({PEOPLE}) AND {FORMER_PLACE} % 8 = 1
    AND ({FORMER_NOT_BEFORE} IS NULL OR occurred_on IS NULL
         OR occurred_on >= ({FORMER_NOT_BEFORE})[{FORMER_PLACE} / 8 + 1])
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _drop("entry", "as_decided", "whose")
    _drop("entry_version", "as_decided")
    _renumber(_number)
    _permit("as_decided", "entry", PERMITTED)
    _permit("as_decided", "entry_version", PERMITTED)
    _permit("whose", "entry", WHOSE)


def downgrade() -> None:
    _drop("entry", "as_decided", "whose")
    _drop("entry_version", "as_decided")
    _renumber(_former_number)
    _permit("as_decided", "entry", FORMER)
    _permit("as_decided", "entry_version", FORMER)
    _permit("whose", "entry", f"id = {ENTRY}")


def _drop(table: str, *policies: str) -> None:
    for policy in policies:
        op.execute(f"DROP POLICY {policy} ON {table}")


def _permit(policy: str, table: str, permits: str) -> None:
    op.execute(f"CREATE POLICY {policy} ON {table} FOR SELECT TO pisano_service USING ({permits})")


def _renumber(number: Callable[[str, str, str], int]) -> None:
    """Give each row its label's number; one whose label nobody knows any more keeps what it has, and stays unseen."""
    for table in ("entry", "entry_version"):  # their owner may read them meanwhile, whom this locks out else
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    found = op.get_bind().exec_driver_sql(
        "SELECT DISTINCT label, partner, category, sensitivity FROM entry"
        " UNION SELECT DISTINCT label, partner, category, sensitivity FROM entry_version"
    )
    renumbered = [
        f"WHEN {label} THEN {number(partner, category, sensitivity)}"
        for label, partner, category, sensitivity in found
        if category in CATEGORIES and sensitivity in SENSITIVITIES
    ]
    for table in ("entry", "entry_version"):
        if renumbered:  # each is written once, whole
            changed = f"CASE label {' '.join(renumbered)} ELSE label END"
            op.execute(f"ALTER TABLE {table} ALTER COLUMN label TYPE bigint USING ({changed})")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _number(partner: str, category: str, sensitivity: str) -> int:
    controller = 0
    for character in partner:
        controller = controller * 36 + DIGITS.index(character) + 1
    return controller * 512 + (CATEGORIES.index(category) + 1) * 8 + SENSITIVITIES.index(sensitivity)


def _former_number(partner: str, category: str, sensitivity: str) -> int:
    label = f"{partner}/{category}/{sensitivity}".encode()
    return int.from_bytes(blake2b(label, digest_size=8).digest()) >> 1
