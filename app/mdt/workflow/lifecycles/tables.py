"""The lifecycles of the meeting's things. docs/mdt.md is drawn from these tables (`pisano mdt tables`)."""

from typing import Final

from app.mdt.workflow.lifecycles.relation import ARRANGERS, Relation
from app.mdt.workflow.lifecycles.states import (
    ActionState,
    CaseloadState,
    InvitationState,
    ItemState,
    MeetingState,
    ReferralState,
    StudyState,
)
from app.vocabulary.lifecycle import lifecycle, moves

REFERRAL: Final = lifecycle(
    "referral",
    ReferralState.RECEIVED,
    moves("received awaiting-information accepted", "join", "=", Relation.REFERRER),
    moves("received", "ask", "awaiting-information", Relation.TRIAGER, Relation.COORDINATOR),
    moves("awaiting-information", "answer", "received", Relation.REFERRER),
    moves("received", "accept", "accepted", Relation.TRIAGER),
    moves("received awaiting-information", "redirect", "redirected", Relation.TRIAGER),
    moves("received awaiting-information", "standard-pathway", "standard-pathway", Relation.TRIAGER),
    moves("received awaiting-information", "withdraw", "withdrawn", Relation.REFERRER),
)
"""`join`: another partner refers the same person, and becomes a referrer by doing so."""

CASELOAD: Final = lifecycle(
    "caseload entry",
    CaseloadState.ACTIVE,
    moves("active", "assign", "=", *ARRANGERS),
    moves("active", "plan-review", "=", *ARRANGERS),
    moves("active", "step-down", "stepped-down", Relation.CHAIR),
    moves("active", "join-entry", "joined", *ARRANGERS),
    moves("stepped-down", "re-enter", "active", Relation.TRIAGER),
)
"""`join-entry`: two entries turn out to be of one person, and the older goes on."""

MEETING: Final = lifecycle(
    "meeting",
    MeetingState.PLANNED,
    moves("planned", "move", "=", *ARRANGERS),
    moves("planned", "lock", "locked", *ARRANGERS, Relation.CLOCK),
    moves("planned locked", "cancel", "cancelled", *ARRANGERS),
    moves("locked", "start", "in-progress", Relation.CHAIR),
    moves("in-progress", "extend", "=", Relation.CHAIR),
    moves("in-progress", "close", "closed", Relation.CHAIR),
    moves("closed", "draft-minutes", "=", *ARRANGERS),
    moves("closed", "sign", "signed", Relation.CHAIR),
    moves("signed", "reopen-minutes", "closed", Relation.CHAIR),
)

AGENDA: Final = lifecycle(
    "agenda item",
    ItemState.LISTED,
    moves("listed", "arrange", "=", *ARRANGERS),
    moves("listed", "begin", "under-discussion", *ARRANGERS),
    moves("under-discussion", "pause", "listed", *ARRANGERS),
    moves("listed under-discussion", "note", "=", Relation.MEMBER),
    moves("under-discussion", "conclude", "discussed", *ARRANGERS),
    moves("listed", "conclude-by-exception", "discussed", Relation.CHAIR),
    moves("listed under-discussion", "carry-over", "carried-over", *ARRANGERS),
    moves("listed under-discussion", "withdraw", "withdrawn", *ARRANGERS),
    moves("discussed", "follow-up", "=", Relation.MEMBER),
)
"""`note` is what scribes do; nothing is closed without an outcome or a reason for carrying it over.

`follow-up` says when the person was told, and when the plan was shared.
"""

INVITATION: Final = lifecycle(
    "invitation",
    InvitationState.INVITED,
    moves("invited declined", "accept", "accepted", Relation.INVITEE),
    moves("invited accepted", "decline", "declined", Relation.INVITEE),
    moves("invited accepted declined", "revoke", "revoked", *ARRANGERS),
)
"""An invitation also ends when its item or its meeting does; that is a fact about those, and no state of its own."""

ACTION: Final = lifecycle(
    "action",
    ActionState.OFFERED,
    moves("offered", "accept", "accepted", Relation.OWNER),
    moves("offered accepted", "decline", "declined", Relation.OWNER),
    moves("offered accepted", "hand-over", "offered", Relation.OWNER),
    moves("offered accepted declined unowned", "reassign", "offered", *ARRANGERS),
    moves(
        "offered accepted",
        "owner-left",
        "unowned",
        Relation.COLLEAGUE,
        *ARRANGERS,
        Relation.CLOCK,
    ),
    moves("offered accepted", "re-date", "=", Relation.CHAIR, Relation.OWNER),
    moves("accepted", "complete", "done", Relation.OWNER),
    moves("offered accepted", "give-up", "not-done", Relation.OWNER, Relation.CHAIR),
    moves("offered accepted declined unowned", "cancel", "cancelled", Relation.CHAIR),
)
"""`re-date` never changes the original due date, by which being on time is counted."""

CASE_STUDY: Final = lifecycle(
    "case study",
    StudyState.DRAFTED,
    moves("drafted approved", "revise", "drafted", Relation.MEMBER),
    moves("drafted approved", "permit", "drafted", Relation.MEMBER),
    moves("drafted", "approve", "approved", Relation.CHAIR),
    moves("drafted approved", "withdraw", "withdrawn", Relation.MEMBER),
)
"""Another text and another permission are approved anew; whoever withdraws it needs nobody's leave."""

LIFECYCLES: Final = (REFERRAL, CASELOAD, MEETING, AGENDA, INVITATION, ACTION, CASE_STUDY)
