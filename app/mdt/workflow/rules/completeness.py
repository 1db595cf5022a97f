"""What a pack must hold of each person for the team to discuss them. Pure."""

from collections.abc import Sequence

from app.mdt.workflow.agenda import ItemContent
from app.mdt.workflow.caseload import CaseloadContent
from app.mdt.workflow.referral import Made, Referral


def latest(referrals: Sequence[Referral]) -> Made:
    """What was last said of the person by a referrer; raises `ValueError` where nobody referred them."""
    return max((made for referral in referrals for made in referral.content.made), key=lambda made: made.at)


def is_complete(item: ItemContent, entry: CaseloadContent, referrals: Sequence[Referral]) -> bool:
    """Whether the question, what matters to them, that they were told, and who leads are all there."""
    made = latest(referrals).form
    return bool(item.question and made.what_matters and made.informed.was and entry.lead)
