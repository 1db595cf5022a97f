"""Where each thing of a team stands; which follows which is in `lifecycles`, whose tables name no others."""

from enum import StrEnum
from typing import Final


class ReferralState(StrEnum):
    """Where a referral stands."""

    RECEIVED = "received"
    AWAITING_INFORMATION = "awaiting-information"
    ACCEPTED = "accepted"
    REDIRECTED = "redirected"
    STANDARD_PATHWAY = "standard-pathway"
    WITHDRAWN = "withdrawn"


class CaseloadState(StrEnum):
    """Where a place on the caseload stands."""

    ACTIVE = "active"
    STEPPED_DOWN = "stepped-down"
    JOINED = "joined"  # into another, as both were of one person


class MeetingState(StrEnum):
    """Where a meeting stands."""

    PLANNED = "planned"
    LOCKED = "locked"
    CANCELLED = "cancelled"
    IN_PROGRESS = "in-progress"
    CLOSED = "closed"
    SIGNED = "signed"


class ItemState(StrEnum):
    """Where somebody on an agenda stands."""

    LISTED = "listed"
    UNDER_DISCUSSION = "under-discussion"
    DISCUSSED = "discussed"
    CARRIED_OVER = "carried-over"
    WITHDRAWN = "withdrawn"


class InvitationState(StrEnum):
    """Where an invitation stands."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REVOKED = "revoked"


class ActionState(StrEnum):
    """Where an action stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNOWNED = "unowned"
    DONE = "done"
    NOT_DONE = "not-done"
    CANCELLED = "cancelled"


class StudyState(StrEnum):
    """Where a case study stands."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


TO_COME: Final = (MeetingState.PLANNED, MeetingState.LOCKED, MeetingState.IN_PROGRESS)
"""Of a meeting: people may still be added to it, late or not."""
