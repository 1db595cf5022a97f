"""Who may read the trail, and of whose staff, as the agreements say under `audit: read`."""

from collections.abc import Iterator
from typing import NamedTuple

from app.governance.handling import Handling, in_force
from app.sharing.document import Agreement
from app.sharing.undertaking import TrailReading
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


def reach_of(by: Handling) -> Reach:
    """What the agreements in force let the asker read of the trail, now and in their role; nothing once untrained."""
    trained = by.requester.training_until
    found = list(_readings(by))
    if not found or trained is None or london_date(by.at) > trained:
        return Reach()
    own = by.requester.organisation
    return Reach(
        organisations=frozenset({own}),
        of_all=any(own in document.organisations(read.of_all_at) for document, read in found),
        purpose=Purpose(found[0][1].for_),
        names_staff=all(read.staff_named for _, read in found),
    )


def _readings(by: Handling) -> Iterator[tuple[Agreement, TrailReading]]:
    for document in in_force(by):
        read = document.audit.read if document.audit else None
        if read and by.requester.role in read.by and by.requester.organisation in document.organisations("all"):
            yield document, read
