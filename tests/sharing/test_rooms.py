"""How long before a meeting its guests see anybody is what their profiles say."""

from datetime import timedelta

import pytest

from app.sharing.compile import compile_agreements
from app.sharing.rooms import guest_lead
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Action, Purpose
from tests.sharing.worlds import NOON, changed, corner

CORNER = corner.agreements.documents[0]
[VISITOR] = CORNER.guests
CARE = Purpose("care")


@pytest.mark.parametrize(
    ("organisation", "purpose", "action", "lead"),
    [
        ("CCC", CARE, READ, timedelta(minutes=15)),
        ("TTT", CARE, READ, None),  # the trust sends no guests
        ("CCC", Purpose("protection"), READ, None),
        ("CCC", CARE, Action("find"), None),
    ],
)
def test_guests_of_an_organisation_see_somebody_as_soon_as_their_profile_says(
    organisation: str, purpose: Purpose, action: Action, lead: timedelta | None
) -> None:
    law = corner.agreements.in_force(NOON)
    assert guest_lead(law, OdsCode(organisation), purpose=purpose, action=action) == lead


def test_of_several_profiles_the_longest_counts() -> None:
    earlier = changed(VISITOR, id="V-EARLY", profile="early", lead=timedelta(hours=2))
    law = compile_agreements([changed(CORNER, guests=(earlier, VISITOR))]).in_force(NOON)
    assert guest_lead(law, OdsCode("CCC"), purpose=CARE, action=READ) == timedelta(hours=2)
