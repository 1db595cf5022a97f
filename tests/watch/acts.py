"""Acts of synthetic staff, for whoever watches them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.audit.event import Kind
from app.sharing.facts import Account, Relationship
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.watch.act import Act
from app.watch.tally import Peers, Tally

ON = date(2026, 6, 10)  # a Wednesday
NINE = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)  # nine o'clock in London
COMMUNITY = OdsCode("RL4C")
NURSE, OTHER_NURSE = Account("https://sign-in.example", "nurse.7"), Account("https://sign-in.example", "nurse.8")
ROLE = Role("community-nurse")
PEERS = Peers(ROLE, COMMUNITY)
OFFICE_HOURS = sum(1 << hour for hour in range(9, 17))


def person(number: int) -> UUID:
    return UUID(int=number + 1, version=4)


def act(number: int, whom: int | None = 0, kind: Kind = Kind.VIEW, **changes: Any) -> Act:
    """The `number`th act of a nurse's day, a minute after the one before it."""
    made = Act(
        f"0/{number}", kind, NINE + timedelta(minutes=number), NURSE, ROLE, COMMUNITY,
        None if whom is None else person(whom),
    )  # fmt: skip
    return made._replace(**changes)


def related(kind: str, **changes: Any) -> Relationship:
    """A relationship of the nurse's organisation that began a month before and lasts."""
    given: dict[str, Any] = {"organisation": COMMUNITY, "started": NINE - timedelta(days=30), **changes}
    return Relationship(id="1", kind=kind, **given)


def tally(days_ago: int, actor: Account = OTHER_NURSE, **counts: int) -> Tally:
    """A day of somebody's before."""
    nothing = dict.fromkeys(("looks", "refused", "people", "exported", "searches", "unopened", "openings", "hours"), 0)
    return Tally(
        on=ON - timedelta(days=days_ago), actor=actor, peers=PEERS, **{**nothing, "hours": OFFICE_HOURS, **counts}
    )
