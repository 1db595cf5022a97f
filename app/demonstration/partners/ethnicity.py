"""What partners of the demonstration place have written down of people's ethnicity; not always alike."""

from typing import Final

from app.demonstration.people.resident import Resident
from app.vocabulary.ods_code import OdsCode

_SHARES: Final = {
    "A": 62,
    "B": 2,
    "C": 4,
    "D": 3,
    "F": 1,
    "H": 12,
    "J": 4,
    "K": 1,
    "L": 1,
    "M": 5,
    "N": 3,
    "R": 1,
    "S": 1,
}
"""In a hundred, by ETHNIC CATEGORY of the NHS Data Dictionary."""

_COUNCILS_WORDS: Final = {
    "A": "White: English, Welsh, Scottish, Northern Irish or British",
    "B": "White: Irish",
    "C": "White: Any other White background",
    "D": "Mixed or multiple ethnic groups: White and Black Caribbean",
    "F": "Mixed or multiple ethnic groups: White and Asian",
    "H": "Asian or Asian British: Indian",
    "J": "Asian or Asian British: Pakistani",
    "K": "Asian or Asian British: Bangladeshi",
    "L": "Asian or Asian British: Any other Asian background",
    "M": "Black, Black British, Caribbean or African: Caribbean",
    "N": "Black, Black British, Caribbean or African: African",
    "R": "Asian or Asian British: Chinese",
    "S": "Other ethnic group: Any other ethnic group",
    "Z": "No data: Refused",
    "": "No data: Undeclared or not known",
}


def stated(resident: Resident, partner: OdsCode) -> str:
    """ETHNIC CATEGORY as a partner has it: of one in ten nothing, and of a few that they did not want to say."""
    of_them = _drawn(resident, "ethnicity")
    chance = resident.draw(f"ethnicity known to {partner}").random()
    if chance < 0.1:
        return ""
    if chance < 0.13:
        return "Z"
    return _drawn(resident, f"ethnicity by {partner}") if chance > 0.98 else of_them


def in_the_councils_words(resident: Resident, partner: OdsCode) -> str:
    """The same, as Client Level Data words it."""
    return _COUNCILS_WORDS[stated(resident, partner)]


def _drawn(resident: Resident, purpose: str) -> str:
    return resident.draw(purpose).choices(list(_SHARES), weights=list(_SHARES.values()))[0]
