"""What is found out before a step is taken, so that the step itself asks nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from app.identity.account import LocalAccount
from app.mdt.workflow.rules.identifying import NOBODY, Identity
from app.record.merge import Residence
from app.sharing.written.duration import Duration
from app.sharing.written.undertaking import LONGEST_PERMISSION
from app.vocabulary.category import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was found out before a step is taken, each with its own line in the trail.

    `visible` holds the headings that whoever acts may read of people, of those whom the step concerns and nobody else;
    `residence` where the person belongs, and `decile` how deprived the area is, where it is known; `accounts` those who
    are named in a form, by username; `profiles` those by which the agreement lets guests of an organisation in;
    `happened` people of whom something was recorded lately; `identity` what would tell who a text is about;
    `permission_lasts` how long a story may be told at most.
    """

    visible: Mapping[UUID, frozenset[Category]] = field(default_factory=dict)
    residence: Residence | None = None
    decile: int | None = None
    accounts: Mapping[str, LocalAccount] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()
    happened: frozenset[UUID] = frozenset()
    identity: Identity = NOBODY
    permission_lasts: Duration = LONGEST_PERMISSION
