"""How long the trail keeps what events say, as the agreements have it. Pure."""

from datetime import date, datetime

from app.errors import DomainError
from app.sharing.law import Agreements
from app.vocabulary.london import london_date


class KeptLonger(DomainError):
    """An agreement has the trail keep what was to be forgotten, or none says how long."""


def first_kept(agreements: Agreements, asked: date | None, *, at: datetime) -> date:
    """The first London day whose events are kept: by the agreement that keeps longest, or as asked, if no later.

    Every agreement counts that is written here, in force or not: what was told under it, it has kept. Raises
    `KeptLonger`.
    """
    on = london_date(at)
    terms = [document.audit.keep for document in agreements.documents if document.audit and document.audit.keep]
    oldest = min((keep.before(on) for keep in terms), default=None)
    if asked is None and oldest is None:
        raise KeptLonger("no agreement says how long the trail is kept (`audit: keep`); give --before")
    if asked is not None and oldest is not None and asked > oldest:
        raise KeptLonger(f"an agreement has the trail kept from {oldest:%d %B %Y} on; give that day or an earlier one")
    return asked or oldest or date.min
