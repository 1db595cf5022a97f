"""Who may read the trail, and of whose staff, as the agreements say under `audit: read`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from app.governance.handling import Handling, documents_in_force
from app.identity.requester import Requester
from app.sharing.law import Agreements
from app.sharing.written.document import Agreement
from app.sharing.written.undertaking import TrailReading
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose


class Reach(NamedTuple):
    """Of whose staff somebody reads the trail: all, those of `organisations`, or nobody's.

    `purpose` is the one for which they do, and `names_staff` whether a person who asks is told staff by name.
    """

    organisations: frozenset[OdsCode] = frozenset()
    of_all: bool = False
    purpose: Purpose | None = None
    names_staff: bool = False

    def __bool__(self) -> bool:
        return self.of_all or bool(self.organisations)

    def covers(self, organisation: str | None) -> bool:
        """Whether acts of an organisation's staff may be read; of nobody's staff, only by who reads all."""
        return self.of_all or organisation in self.organisations


def reach_of(requester: Requester, agreements: Agreements, at: datetime) -> Reach:
    """What the agreements in force let somebody read of the trail, in their role; nothing once they are untrained."""
    trained = requester.training_until
    found = list(_readings(requester, documents_in_force(agreements, at)))
    if not found or trained is None or london_date(at) > trained:
        return Reach()
    own = requester.organisation
    return Reach(
        organisations=frozenset({own}),
        of_all=any(own in document.organisations(read.of_all_at) for document, read in found),
        purpose=Purpose(found[0][1].for_),
        names_staff=all(read.staff_named for _, read in found),
    )


def reach_for(by: Handling) -> Reach:
    """The same of whoever acts, for what they act for: nothing for any other purpose than the agreements name."""
    reach = reach_of(by.requester, by.agreements, by.at)
    return reach if by.purpose == reach.purpose else Reach()


def _readings(requester: Requester, documents: Iterable[Agreement]) -> Iterator[tuple[Agreement, TrailReading]]:
    for document in documents:
        read = document.audit.read if document.audit else None
        if read and requester.role in read.by and requester.organisation in document.organisations("all"):
            yield document, read
