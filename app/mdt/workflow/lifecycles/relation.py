"""What someone is to a team and its things, by which the tables let them act."""

from enum import StrEnum
from typing import Final


class Relation(StrEnum):
    """What someone is to a thing; one person may be several at once, and most are nothing to most things."""

    CHAIR = "chair"  # of the locality's team
    COORDINATOR = "coordinator"
    MEMBER = "member"  # anyone of the team, chair and coordinator included
    TRIAGER = "triager"  # a member in a role that the locality lets triage
    REFERRER = "referrer"  # one of those who made this referral
    INVITEE = "invitee"  # whom this invitation invites
    OWNER = "owner"  # whose action it is
    COLLEAGUE = "colleague"  # anyone of the owner's organisation
    CLOCK = "clock"  # the background process, when a time has come


ARRANGERS: Final = (Relation.CHAIR, Relation.COORDINATOR)
"""Who arranges a team's meetings."""
