"""Every measure of a team, in the order in which they are read. Pure."""

from datetime import date
from typing import Final

from app.mdt.impact.facts import TeamFacts
from app.mdt.impact.kpis.afterwards import WorkingDays, of_actions, of_caseload, of_pathways
from app.mdt.impact.kpis.discussions import of_discussions
from app.mdt.impact.kpis.measure import Measure
from app.mdt.impact.kpis.meetings import of_listing, of_meetings


def measures(facts: TeamFacts, *, first: date, last: date, working_days: WorkingDays) -> list[Measure]:
    """Every measure of a period; overdue actions are as at its last day."""
    meetings = [one for one in facts.meetings if first <= one.on <= last]
    items = [one for one in facts.items if first <= one.on <= last]
    discussed = [one for one in items if one.discussed]
    return [
        *of_meetings(meetings),
        *of_listing(items),
        *of_discussions(discussed, last),
        *of_actions(facts, first, last),
        *of_pathways(facts, first, last, working_days),
        *of_caseload(facts, first, last),
        *_UNTOLD,
    ]


_UNTOLD: Final = (
    Measure(
        code="care-home",
        title="Care home",
        definition=(
            "Of those who move to a care home, or come back to it from hospital, those who were assessed and had a plan"
            " within seven working days."
        ),
        untold=(
            "Cannot be told from the feeds. The council tells of the places that it pays for and when paying for them"
            " began, not of who moved in or came back; no feed tells of the home's own assessment."
        ),
    ),
    Measure(
        code="reach",
        title="Reach",
        definition="Referrals for each 1,000 people, by who they are: deprivation, ethnicity, age, segment, locality.",
        untold=(
            "A team's own papers do not tell who is not referred. It stands with people's use of hospital, for whoever"
            " may evaluate."
        ),
    ),
    Measure(
        code="experience",
        title="Experience",
        definition="What people, carers and staff say of it, asked in a few questions that they helped to write.",
        untold="No feed carries such answers. The case studies illustrate, and prove nothing.",
    ),
)
"""Measures that a team is owed and nothing here can compute: said, rather than left out."""
