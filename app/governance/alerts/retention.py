"""How long alerts are kept once they are closed, as the agreements have it. Pure."""

from datetime import date

from app.sharing.law import Agreements


def first_alerts_kept(agreements: Agreements, *, on: date) -> date | None:
    """The first London day of which closed alerts are kept, by the agreement that keeps longest; `None` if none says.

    Every agreement counts that is written here, in force or not: what was raised under it, it has kept.
    """
    terms = [document.audit for document in agreements.documents if document.audit]
    kept = [audit.keep_alerts or audit.keep for audit in terms]
    return min((period.before(on) for period in kept if period), default=None)
