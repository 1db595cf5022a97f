"""How each partner sends: how late, how much was refused and by which rule, and how whole it says who people are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from app.intake.findings import RuleCount, by_rule
from app.intake.quality.status import feed_status

_COMPLETE: Final = """
    SELECT partner, count(*), count(family_name), count(given_names), count(birth_date), count(gender), count(postcode),
        count(uprn), count(*) FILTER (WHERE EXISTS (
            SELECT FROM person_nhs_number numbered WHERE numbered.person_id = person_identity.person_id))
    FROM person_identity GROUP BY partner
"""
_FIELDS: Final = (
    "Family name", "Given name", "Date of birth", "Gender", "Full postcode", "UPRN of the home", "NHS number known here"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """One partner: its feeds as `feed_status` tells them, the rules that it broke, the most often first.

    `complete` tells of `people` whom it states how many it states each field of.
    """

    partner: str
    feeds: tuple[Mapping[str, Any], ...]
    rules: tuple[RuleCount, ...]
    people: int
    complete: Mapping[str, int]

    def share(self, field: str) -> str:
        """Of how many in a hundred it states a field; never rounded to all or to none."""
        if not self.people:
            return ""
        count = self.complete[field]
        rounded = round(100 * count / self.people)
        whole = 100 if count == self.people else 0 if count == 0 else min(99, max(1, rounded))
        return f"{whole}%"


def scorecards(connection: Connection, at: datetime) -> list[Scorecard]:
    """Every partner that was promised or has spoken, by its code."""
    feeds, rules = feed_status(connection, at), by_rule(connection)
    people = {row[0]: row[1:] for row in connection.exec_driver_sql(_COMPLETE)}
    return [
        Scorecard(
            partner=partner,
            feeds=tuple(feed for feed in feeds if feed["partner"] == partner),
            rules=tuple(rule for rule in rules if rule.partner == partner),
            people=people[partner][0] if partner in people else 0,
            complete=dict(zip(_FIELDS, people[partner][1:] if partner in people else (0,) * len(_FIELDS), strict=True)),
        )
        for partner in sorted({feed["partner"] for feed in feeds})
    ]
