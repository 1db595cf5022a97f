"""Two stories that Wolverhampton published, each told across the four feeds, with people invented for them.

Resident 1 is housebound after a second stroke and cared for by his son, resident 2, who struggles himself; there is
self-neglect, a safeguarding concern and money trouble. The son is another person: nothing of his own care may show in
his father's record. Resident 3 is fit to leave hospital and cannot, as her home has a spiral staircase, until a lift
is fitted. Resident 4 has no story but a slip: the trust registered them a second time, with another year of birth.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from app.demonstration.people.chance import drawn_life
from app.demonstration.people.lives import (
    Adaptation,
    Allergy,
    Clinic,
    Concern,
    Condition,
    HouseholdMember,
    Housing,
    Life,
    MentalHealth,
    Result,
    SocialCare,
    Stay,
    Support,
)
from app.demonstration.people.resident import Resident, residents

FATHER, SON, WOMAN_IN_HOSPITAL, REGISTERED_TWICE = 1, 2, 3, 4


def people(count: int, *, seed: int, on: date) -> Iterator[tuple[Resident, Life]]:
    """That many residents with their lives; the first three are those of the stories."""
    for resident in residents(count, seed=seed, on=on):
        told = _TOLD.get(resident.number)
        if told is None:
            yield resident, drawn_life(resident, on)
        else:
            yield told(resident, on)


class _Day(NamedTuple):
    """The day on which the stories are told."""

    on: date

    def ago(self, days: int) -> date:
        return self.on - timedelta(days=days)

    def at(self, days_ago: int, hour: int) -> datetime:
        return datetime.combine(self.ago(days_ago), time(hour))


def _as_person(resident: Resident, family: str, given: str, gender: str, born: date, need: str = "much") -> Resident:
    return replace(
        resident, family_name=family, given_name=given, gender=gender, birth_date=born, need=need, traced=True
    )


def _of_the_house(resident: Resident) -> Resident:
    """Father and son live together."""
    locality = resident.locality
    return replace(
        resident,
        house=47,
        street=locality.streets[0],
        postcode=f"{locality.outward_code} 1AL",
        uprn="999000000001",
    )


def _born_son(on: date) -> date:
    return date(on.year - 55, 9, 2)


def _father(resident: Resident, on: date) -> tuple[Resident, Life]:
    day = _Day(on)
    first = Condition("I63.9", "Cerebral infarction", day.ago(900))
    second = Condition("I63.5", "Second stroke: cerebral infarction", day.ago(140))
    life = Life(
        conditions=(
            first,
            second,
            Condition("I10", "Essential hypertension", day.ago(4000)),
            Condition("R26.8", "Housebound: abnormality of gait and mobility", day.ago(110)),
        ),
        allergies=(Allergy("91936005", "Allergy to penicillin", "Rash"),),
        stays=_fathers_stays(day, first, second),
        results=(
            Result(
                "R00000010", day.at(21, 5), "1022431000000105", "Haemoglobin estimation", 104.0, "g/L", 130.0, 170.0
            ),
            Result(
                "R00000011", day.at(21, 5), "1000731000000107", "Serum creatinine level", 131.0, "umol/L", 59.0, 104.0
            ),
        ),
        clinics=(
            Clinic("C00000010", day.at(60, 10), "Stroke follow-up clinic", False),
            Clinic("C00000011", day.at(-14, 10), "Stroke follow-up clinic", None),
        ),
        next_of_kin=("Keith Tranter", "CHD"),
        social_care=_fathers_social_care(day),
        mental_health=_fathers_mental_health(day),
        housing=_fathers_housing(day),
    )
    return _of_the_house(_as_person(resident, "Tranter", "Walter", "male", date(on.year - 81, 5, 14))), life


def _fathers_stays(day: _Day, first: Condition, second: Condition) -> tuple[Stay, ...]:
    return (
        Stay(
            visit="V00000010",
            arrived=day.at(900, 9),
            left=day.at(880, 14),
            ward="A5",
            specialty="300",
            reason=first,
        ),
        Stay(
            visit="V00000011",
            arrived=day.at(140, 7),
            left=day.at(112, 15),
            ward="A5",
            specialty="300",
            reason=second,
        ),
        Stay(
            visit="V00000012",
            arrived=day.at(21, 3),
            left=day.at(21, 11),
            ward="",
            specialty="180",
            reason=Condition("R29.6", "Fall at home; long lie", day.ago(21)),
        ),
    )


def _fathers_social_care(day: _Day) -> SocialCare:
    return SocialCare(
        reason="Physical Support: Personal care support",
        route="Discharge from Hospital",
        requested=day.ago(116),
        assessed=day.ago(104),
        support=(
            Support(
                service_type="Long Term Support: Community",
                component="Home Support",
                started=day.ago(100),
                provider="Canal View Homecare",
                hours_a_week=14.0,
            ),
        ),
        reviewed=day.ago(30),
        concerns=(
            Concern(kind="Concern", raised=day.ago(20), closed=None, team="Wulfrun adult safeguarding: self-neglect"),
        ),
    )


def _fathers_mental_health(day: _Day) -> MentalHealth:
    return MentalHealth(
        team="A07",
        referred=day.ago(80),
        reason="04",
        discharged=None,
        contacts=(day.ago(70), day.ago(49), day.ago(28)),
        diagnosis=Condition("F32.1", "Moderate depressive episode", day.ago(70)),
        coordinator=True,
    )


def _fathers_housing(day: _Day) -> Housing:
    return Housing(
        tenancy_started=day.ago(7300),
        tenancy_type="SEC",
        household=(HouseholdMember(SON, "Mr Keith Tranter", _born_son(day.on), "Son"),),
        alerts=("RISK1.03", "MED1.02"),
        hazard=("Damp and mould growth", day.ago(90)),
        repair=("Broken window in living room", day.ago(45), None),
        adaptation=Adaptation(
            works="Level access shower",
            applied=day.ago(75),
            recommended=day.ago(66),
            approved=None,
            completed=None,
        ),
        in_arrears=True,
        under_notice=day.ago(25),
    )


def _son(resident: Resident, on: date) -> tuple[Resident, Life]:
    day = _Day(on)
    life = Life(
        conditions=(Condition("E11.9", "Type 2 diabetes mellitus", day.ago(2500)),),
        beside_telephone="Leave no message, as his father hears it",
        social_care=SocialCare(
            reason="Social Support: Support to Carer",
            route="Community / Other route",
            requested=day.ago(70),
            assessed=day.ago(52),
            support=(
                Support(
                    service_type="Unpaid carer support: Direct to unpaid carer",
                    component="Carer respite",
                    started=day.ago(45),
                ),
            ),
            cares_for=FATHER,
        ),
        mental_health=MentalHealth(
            team="A02",
            referred=day.ago(35),
            reason="18",
            discharged=None,
            contacts=(day.ago(34), day.ago(20), day.ago(6)),
            diagnosis=Condition("F10.2", "Alcohol dependence syndrome", day.ago(34)),
            crisis_plan=day.ago(30),
        ),
    )
    return _of_the_house(_as_person(resident, "Tranter", "Keith", "male", _born_son(on), "some")), life


def _woman_in_hospital(resident: Resident, on: date) -> tuple[Resident, Life]:
    day = _Day(on)
    fracture = Condition("S72.0", "Fracture of neck of femur", day.ago(38))
    life = Life(
        conditions=(fracture, Condition("M81.9", "Osteoporosis", day.ago(1500))),
        allergies=(Allergy("716186003", "No known allergy", ""),),
        stays=(
            Stay(
                visit="V00000030",
                arrived=day.at(38, 16),
                left=None,
                ward="B14",
                specialty="110",
                reason=fracture,
                fit_since=day.ago(17),
            ),
        ),
        results=(
            Result(
                "R00000030", day.at(20, 8), "1022431000000105", "Haemoglobin estimation", 118.0, "g/L", 115.0, 165.0
            ),
        ),
        next_of_kin=("Pat Cotterill", "CHD"),
        social_care=_womans_social_care(day),
        mental_health=_womans_mental_health(day),
        housing=_womans_housing(day),
    )
    return _as_person(resident, "Cotterill", "Doreen", "female", date(on.year - 78, 2, 27)), life


def _womans_social_care(day: _Day) -> SocialCare:
    return SocialCare(
        reason="Physical Support: Access & mobility only",
        route="Discharge from Hospital",
        requested=day.ago(19),
        assessed=day.ago(12),
    )


def _womans_mental_health(day: _Day) -> MentalHealth:
    return MentalHealth(
        team="A11",
        referred=day.ago(15),
        reason="23",
        discharged=None,
        contacts=(day.ago(14), day.ago(7)),
        diagnosis=Condition("F43.2", "Adjustment disorder", day.ago(14)),
    )


def _womans_housing(day: _Day) -> Housing:
    return Housing(
        tenancy_started=day.ago(5200),
        tenancy_type="ASY",
        hazard=("Falls associated with stairs and steps: spiral staircase", day.ago(16)),
        adaptation=Adaptation(
            works="Through-floor lift",
            applied=day.ago(16),
            recommended=day.ago(13),
            approved=day.ago(5),
            completed=None,
        ),
    )


_TOLD = {FATHER: _father, SON: _son, WOMAN_IN_HOSPITAL: _woman_in_hospital}
