"""Whom the teams of the demonstration hear of in their year, and in which words: the two stories, and older people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from app.demonstration.people.chance import drawn_life
from app.demonstration.people.resident import Resident, nhs_numbers, residents
from app.demonstration.people.stories import FATHER, WOMAN_IN_HOSPITAL
from app.demonstration.place import GENERAL_PRACTICE
from app.vocabulary.nhs_number import NHSNumber

HIS_QUESTION: Final = "How can he stay in his own house, and his son go on?"
_YEAR: Final = timedelta(days=365)
_MOST_REFERRED: Final = 24
_LOOKED_AMONG: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedReferral:
    """A referral that will be made on a day, by somebody who may see the person by then."""

    on: date
    username: str
    number: NHSNumber
    said: Mapping[str, Any]


def referrals(people: int, *, seed: int, on: date) -> list[PlannedReferral]:
    """Whom the teams hear of: the two stories, and through the year older people of one practice.

    A practice refers at any time whoever has been admitted most, as practices do: at their worst. Their lives take the
    course that they would have taken without a team, so that the fall which follows is none of its doing.
    """
    numbers = dict(zip(range(1, WOMAN_IN_HOSPITAL + 1), nhs_numbers(), strict=False))
    planned = [
        PlannedReferral(
            on=on - timedelta(days=40), username=username, number=numbers[FATHER], said=_fathers(on, username)
        )
        for username in ("nurse", "social-worker", "mental-health")
    ]
    planned.append(
        PlannedReferral(
            on=on - timedelta(days=10), username="acute-clinician", number=numbers[WOMAN_IN_HOSPITAL], said=_womans(on)
        )
    )
    there = residents(min(people, _LOOKED_AMONG), seed=seed, on=on)
    older = [(one, _emergencies(one, on)) for one in there if _is_registered_and_older(one, on)]
    for place in range(min(_MOST_REFERRED, len(older))):
        day = on - _YEAR + timedelta(days=2 + place * 13)
        worst = max(older, key=lambda one: (_in_the_year_before(day, one[1]), -one[0].number))
        older.remove(worst)
        if worst[0].nhs_number is not None:
            planned.append(PlannedReferral(on=day, username="gp", number=worst[0].nhs_number, said=_older(day, place)))
    return planned


def _emergencies(resident: Resident, on: date) -> list[date]:
    """The days on which somebody was admitted in an emergency."""
    return [stay.arrived.date() for stay in drawn_life(resident, on).stays if stay.ward and stay.emergency]


def _in_the_year_before(day: date, days: list[date]) -> int:
    return sum(day - _YEAR <= each < day for each in days)


def _is_registered_and_older(resident: Resident, on: date) -> bool:
    practice, _ = resident.locality.practices[resident.practice]
    return practice == GENERAL_PRACTICE and resident.age(on) >= 65 and resident.number > WOMAN_IN_HOSPITAL


def _form(on: date, **said: Any) -> dict[str, Any]:
    informed = {"was": True, "how": "face-to-face", "on": str(on - timedelta(days=1))}
    return {"informed": informed, "agreement": {"stance": "agrees"}, **said}


def _fathers(on: date, username: str) -> dict[str, Any]:
    saw = {
        "nurse": "He fell and lay long; his son, who helps him, drinks",
        "social-worker": "Fourteen hours of care a week, and his son is worn out",
        "mental-health": "Low in spirits since the second stroke, and alone by day",
    }
    return _form(
        on - timedelta(days=40), situation=saw[username], background="Second stroke five months ago; housebound",
        assessment="Each of us does a part, and nobody the whole", recommendation="One plan for both, with one lead",
        question=HIS_QUESTION,
        segments=["frailty-and-dementia", "complex-lives"], what_matters="To stay in my own house, with my son",
    )  # fmt: skip


def _womans(on: date) -> dict[str, Any]:
    return _form(
        on - timedelta(days=10), source="hospital", situation="Fit to leave for a week, and still on the ward",
        background="Broken hip; stairs that she cannot climb", assessment="The home keeps her here, not her health",
        recommendation="Decide together where she goes meanwhile", question="What lets her go home, and by when?",
        segments=["frailty-and-dementia"], urgency="urgent", why_urgent="Each day on the ward weakens her",
        what_matters="My own bed, and my neighbour's visits",
    )  # fmt: skip


_WHY: Final = (
    ("More visits than before, and less able each time", "Who leads, and what would keep them well at home?",
     "Not to be a burden"),
    ("In hospital twice since the summer, each time short of breath",
     "What would let them call us before they call 999?", "To sleep through the night"),
    ("Falls in the kitchen, and no longer goes out", "Is the home safe, and who looks at it?",
     "My garden, and to get to the shops"),
    ("Forgets tablets, and the daughter who sorts them moves away", "Who helps with medicines from next month?",
     "That my daughter need not worry"),
    ("Eats little since their wife died", "Is this grief, depression or something else, and who asks?",
     "To talk about her with somebody"),
    ("Carers come at four different hours, and dressings are missed", "Can visits be put together in one plan?",
     "To know who is at the door"),
)  # fmt: skip
"""What is happening, what the team is asked, and what matters to them."""


def _older(on: date, place: int) -> dict[str, Any]:
    situation, question, what_matters = _WHY[place % len(_WHY)]
    return _form(
        on, situation=situation, background="Several long-term conditions",
        assessment="More than one service is needed", recommendation="Agree who leads",
        question=question, segments=["long-term-conditions"], what_matters=what_matters,
    )  # fmt: skip
