"""What the agreements in force permit: pure, total, denying by default."""

from datetime import datetime

from app.identity.requester import Requester
from app.sharing.decision import Decision
from app.sharing.facts import PersonFacts
from app.sharing.law import Agreements
from app.vocabulary.token import Action, Purpose


def decide(
    requester: Requester,
    *,
    action: Action,
    purpose: Purpose,
    facts: PersonFacts,
    agreements: Agreements,
    at: datetime,
) -> Decision:
    """Say what `requester` may see of one person at an instant in UTC, label by label; never raises."""
    return Decision(lattice=agreements.lattice, agreements=())
