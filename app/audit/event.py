"""What the trail says of one act: who did what to whom, in which role, for which purpose, and under which clauses.

Identifiers only: a person is an opaque id, an actor what their sign-in provider calls them, a search a keyed hash.
No field takes free text, so that no name, NHS number or clinical fact can stand in a trail that outlives the record.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import orjson

from app.audit.chain import ChainKey
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role


class Kind(StrEnum):
    """What happened."""

    ROLE_CHOSEN = "role-chosen"  # someone signed in and took one of their roles
    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"  # `reason` says why
    SIGNED_OUT = "signed-out"  # `reason` says by whom, if not by themselves
    PASSWORD_CHANGED = "password-changed"  # by its owner  # noqa: S105
    ACCOUNT_CHANGED = "account-changed"  # by an operator: `reason` says how
    TOKEN_ISSUED = "token-issued"  # a partner's system may ask for a while  # noqa: S105
    TOKEN_REFUSED = "token-refused"  # `reason` says why  # noqa: S105
    SYSTEM_REGISTERED = "system-registered"  # `changed`, or changed in what it may do
    SYSTEM_REVOKED = "system-revoked"
    FIND = "find"  # a search; one event for each person that it showed, or one of nobody
    VIEW = "view"  # a person's record
    ENTRY = "entry"  # one entry or document of it, opened by itself
    EXPORT = "export"  # entries left as FHIR or on paper
    SURVEY = "survey"  # numbers made of all whom somebody has to do with, of whom nobody was named
    PLAN_WRITTEN = "plan-written"  # a version of a person's care and support plan
    DENIED = "denied"
    INDETERMINATE_ALARM = "indeterminate-alarm"  # denied, as the decision met something missing or unknown
    EMERGENCY_OPENED = "emergency-opened"
    EMERGENCY_ACCOUNTED = "emergency-accounted"  # whoever opened a record said afterwards what it was for
    ALERT_RAISED = "alert-raised"  # by the watch: `other` is the alert, `reason` its kind
    WATCH_CHANGED = (
        "watch-changed"  # the news list, the rota, whose an account is, alerts forgotten: `reason` says which
    )
    ALERT_REVIEWED = "alert-reviewed"  # `other` is the alert, `reason` where it stands then
    RELATIONSHIP_MADE = "relationship-made"  # by staff: `reason` says by a colleague or by oneself
    OBJECTION_CHANGED = "objection-changed"  # lodged, upheld, declined or lifted; `reason` says which
    FLAG_CHANGED = "flag-changed"  # raised or lifted by staff, or asked for: `reason` says which of which flag
    CODE_LIST_APPLIED = "code-list-applied"  # to what is held: `reason` is the list, `request` its version
    MERGE = "merge"  # `other` became `person`
    UNMERGE = "unmerge"
    WORKLIST_SEEN = "worklist-seen"  # what waits was shown to whoever decides whose it is; `reason` says which
    WORKLIST_RESOLVED = "worklist-resolved"
    DOUBT_RAISED = "doubt-raised"  # whoever reads a record reported that it is not the person's, or looks wrong
    MEETING = "meeting"  # a step of the multidisciplinary team's, which `reason` names and `request` the thing of
    AGREEMENT_CHANGED = "agreement-changed"  # simulated, signed, begun, suspended or ended; `reason` says which
    PARTY_KEY_CHANGED = "party-key-changed"  # registered or revoked; `changed` is its fingerprint
    AUDIT_READ = "audit-read"
    OWN_LOOKS_READ = "own-looks-read"  # whoever it is about signed in for themselves, and saw who had looked
    AUDIT_FORGOTTEN = "audit-forgotten"  # retention deleted events; `forgotten` says how far in each chain


_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}")
_LONGEST_ACCOUNT = 255


class FoundBy(NamedTuple):
    """What an event is found by, which the trail keeps beside it; nothing once it is forgotten."""

    at: datetime | None = None
    issuer: str | None = None
    subject: str | None = None
    person: UUID | None = None
    other: UUID | None = None

    def agrees_with(self, event: bytes | None) -> bool:
        """Whether it is what an event says in its canonical form; any other, for which nobody vouches, may not agree.

        In that form no text holds a quotation mark by itself, so that what is looked for is found where it is meant.
        """
        if event is None:
            return self == _BY_NOTHING
        at, issuer, subject, person, other = self
        return (
            at is not None
            and issuer is not None
            and subject is not None
            and b'"at":"%b"' % instant(at).encode() in event
            and b'"issuer":%b' % quoted(issuer) in event
            and b'"subject":%b' % quoted(subject) in event
            and (b'"person":"%b"' % str(person).encode() in event if person else b'"person":' not in event)
            and (b'"other":"%b"' % str(other).encode() in event if other else b'"other":' not in event)
        )


_BY_NOTHING = FoundBy()


@lru_cache(maxsize=4096)
def quoted(text: str) -> bytes:
    """A text as an event writes it."""
    return orjson.dumps(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One act; `at` is in UTC. Raises `ValueError` for an actor without a name, or for text where a code belongs.

    `permitted` holds the labels that were disclosed, under the ids of the clauses that permitted them, joined by a
    space; `withheld` the clauses that kept something back, which IG leads see and viewers never do; `relied_on` the
    facts that decided, by kind and id; `agreements` the versions that decided, each with its hash; `entries` the ids of
    what was disclosed; `criteria` stands for what was searched for (`search_criteria`); `reason` is a code;
    `changed` is the id of the account or system whose access this changed. `teams` (by `team_code`) and `trained` are
    what was so of the actor, so that the decision can be made again.
    """

    kind: Kind
    id: UUID
    at: datetime
    actor: Account
    role: Role | None = None
    organisation: OdsCode | None = None
    person: UUID | None = None
    other: UUID | None = None
    purpose: Purpose | None = None
    action: Action | None = None
    permitted: Mapping[str, Sequence[str]] = field(default_factory=dict)
    withheld: Sequence[str] = ()
    relied_on: Sequence[str] = ()
    agreements: Sequence[str] = ()
    entries: Sequence[int] = ()
    criteria: str = ""
    reason: str = ""
    request: str = ""
    changed: str = ""
    forgotten: Mapping[str, int] = field(default_factory=dict)
    teams: Sequence[str] = ()
    trained: bool = False

    def __post_init__(self) -> None:
        if self.at.utcoffset() != timedelta(0):
            raise ValueError("the time of an event is in UTC; convert it first")
        for part in self.actor:
            if not (part.isprintable() and 0 < len(part) <= _LONGEST_ACCOUNT):
                raise ValueError("an event needs the subject and issuer of whoever acted, as their provider calls them")
        for code in (self.criteria, self.reason, self.request, self.changed):
            if code and not _SYMBOL.fullmatch(code):
                raise ValueError("an event takes a code where words might name a person; use letters, digits and -")

    @property
    def found_by(self) -> FoundBy:
        """What it is found by."""
        return FoundBy(self.at, self.actor.issuer, self.actor.subject, self.person, self.other)

    def canonical(self) -> bytes:
        """The bytes that its leaf covers: JSON with sorted keys, without what is empty."""
        said = {
            "kind": self.kind,
            "id": self.id,
            "at": instant(self.at),
            "issuer": self.actor.issuer,
            "subject": self.actor.subject,
            "role": self.role,
            "organisation": self.organisation,
            "person": self.person,
            "other": self.other,
            "purpose": self.purpose,
            "action": self.action,
            "permitted": self.permitted,
            "withheld": self.withheld,
            "relied_on": self.relied_on,
            "agreements": self.agreements,
            "entries": self.entries,
            "criteria": self.criteria,
            "reason": self.reason,
            "request": self.request,
            "changed": self.changed,
            "forgotten": self.forgotten,
            "teams": self.teams,
            "trained": self.trained,
        }
        return orjson.dumps({name: value for name, value in said.items() if value}, option=orjson.OPT_SORT_KEYS)


@lru_cache(maxsize=4096)
def team_code(team: str) -> str:
    """Stands for a team's name, which is words: equal for equal names."""
    return hashlib.sha256(team.encode()).hexdigest()[:16]


def instant(at: datetime) -> str:
    """How events write an instant: in UTC and of one width, so that text sorts as time does."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="microseconds")


def search_criteria(key: ChainKey, criteria: Mapping[str, str]) -> str:
    """Stands for what someone searched for: equal for equal criteria, and meaningless without the key."""
    return key.pseudonym(orjson.dumps(dict(criteria), option=orjson.OPT_SORT_KEYS).decode())
