"""Lives drawn by chance, as believable as a place needs: most people have little, a few in a hundred have much."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from app.demonstration.people.lives import (
    Adaptation,
    Allergy,
    Clinic,
    Concern,
    Condition,
    Housing,
    Life,
    MentalHealth,
    Result,
    SocialCare,
    Stay,
    Support,
)
from app.demonstration.people.resident import Resident

_LONG_TERM: Final = (
    ("I10", "Essential hypertension", 40),
    ("E11.9", "Type 2 diabetes mellitus", 40),
    ("J44.9", "Chronic obstructive pulmonary disease", 50),
    ("I50.0", "Congestive heart failure", 60),
    ("I48.9", "Atrial fibrillation", 55),
    ("N18.3", "Chronic kidney disease, stage 3", 60),
    ("M17.9", "Osteoarthritis of knee", 50),
    ("J45.9", "Asthma", 5),
    ("F03", "Dementia", 70),
    ("G20", "Parkinson's disease", 60),
)
_ACUTE: Final = (
    ("N39.0", "Urinary tract infection"),
    ("J18.9", "Pneumonia"),
    ("R29.6", "Tendency to fall"),
    ("S72.0", "Fracture of neck of femur"),
    ("K52.9", "Gastroenteritis"),
    ("R07.4", "Chest pain"),
)
_ALLERGIES: Final = (
    ("91936005", "Allergy to penicillin", "Rash"),
    ("91934008", "Allergy to nut", "Anaphylaxis"),
    ("300916003", "Allergy to latex", "Contact dermatitis"),
    ("293586001", "Allergy to aspirin", "Wheeze"),
)
_NO_KNOWN_ALLERGY: Final = ("716186003", "No known allergy", "")
_WARDS: Final = (("A7", "300"), ("C22", "430"), ("B14", "110"), ("C18", "340"))
_TESTS: Final = (
    ("1000731000000107", "Serum creatinine level", "umol/L", 50.0, 110.0),
    ("1022431000000105", "Haemoglobin estimation", "g/L", 115.0, 165.0),
    ("1000671000000109", "Serum potassium level", "mmol/L", 3.5, 5.3),
    ("1049321000000109", "Haemoglobin A1c level", "mmol/mol", 20.0, 42.0),
)
_SUPPORT: Final = (
    ("Long Term Support: Community", "Home Support"),
    ("Long Term Support: Community", "Day Support"),
    ("Short Term Support: ST-Max", "Reablement"),
    ("Long Term Support: Residential Care", "Long Term Residential Care"),
)
_REASONS: Final = (
    "Physical Support: Personal care support",
    "Physical Support: Access & mobility only",
    "Support with Memory & Cognition",
    "Learning Disability Support",
    "Mental Health Support",
)
_TEAMS: Final = (  # team, reason for referral, diagnosis
    ("A06", "04", "F32.9", "Depressive episode"),
    ("A02", "18", "F60.3", "Emotionally unstable personality disorder"),
    ("A14", "01", "F20.9", "Schizophrenia"),
    ("A07", "08", "F03", "Dementia"),
)
_WORKS: Final = ("Level access shower", "Stairlift", "Ramp", "Through-floor lift")
_ALERTS: Final = ("MED1.02", "MED1.01", "RISK1.03", "AGE1.01", "COMM1.01")


def drawn_life(resident: Resident, on: date) -> Life:
    """A life by chance, as much of it as the resident's need says, up to the day `on`."""
    much, some = resident.need == "much", resident.need in ("some", "much")
    conditions = _conditions(resident, on) if some else ()
    return Life(
        conditions=conditions,
        allergies=_allergies(resident.draw("allergies")) if some else (),
        stays=_stays(resident, on) if some else (),
        results=_results(resident, on) if some else (),
        clinics=_clinics(resident, on) if some else (),
        next_of_kin=_next_of_kin(resident) if some else None,
        social_care=_social_care(resident, on)
        if _happens(resident, "social-care", 0.6 if much else 0.08 * some)
        else None,
        mental_health=_mental_health(resident, on) if _happens(resident, "mind", 0.3 if much else 0.06) else None,
        housing=_housing(resident, on) if resident.age(on) >= 18 and _happens(resident, "home", 0.22) else None,
        deceased=on - timedelta(days=40) if much and _happens(resident, "death", 0.03) else None,
        location_restricted=_happens(resident, "restricted", 0.003),
    )


def _happens(resident: Resident, what: str, share: float) -> bool:
    return resident.draw(what).random() < share


def _days_before(chance: Random, on: date, most: int, least: int = 1) -> date:
    return on - timedelta(days=chance.randint(least, most))


def _conditions(resident: Resident, on: date) -> tuple[Condition, ...]:
    chance = resident.draw("conditions")
    possible = [one for one in _LONG_TERM if resident.age(on) >= one[2]]
    held = chance.sample(possible, k=min(len(possible), chance.randint(1, 5 if resident.need == "much" else 2)))
    return tuple(Condition(code, title, _days_before(chance, on, 3000, 100)) for code, title, _ in held)


def _allergies(chance: Random) -> tuple[Allergy, ...]:
    drawn = chance.random()
    if drawn < 0.3:
        return (Allergy(*chance.choice(_ALLERGIES)),)
    return (Allergy(*_NO_KNOWN_ALLERGY),) if drawn < 0.6 else ()


def _stays(resident: Resident, on: date) -> tuple[Stay, ...]:
    chance = resident.draw("stays")
    stays = []
    for place in range(chance.choice((2, 3, 4, 6)) if resident.need == "much" else chance.choice((0, 0, 1, 1, 2))):
        code, title = chance.choice(_ACUTE)
        day = _days_before(chance, on, 720)
        arrived = datetime.combine(day, time(chance.randint(0, 23), chance.randint(0, 59)))
        admitted = chance.random() < 0.55
        ward, specialty = chance.choice(_WARDS) if admitted else ("", "180")
        left: datetime | None = arrived + (
            timedelta(days=chance.randint(1, 20)) if admitted else timedelta(minutes=chance.randint(60, 700))
        )
        if left is not None and left.date() >= on:
            left = None
        stays.append(
            Stay(
                visit=f"V{resident.number:07}{place}",
                arrived=arrived,
                left=left,
                ward=ward,
                specialty=specialty,
                reason=Condition(code, title, day),
            )
        )
    return tuple(sorted(stays, key=lambda stay: stay.arrived))


def _results(resident: Resident, on: date) -> tuple[Result, ...]:
    chance = resident.draw("results")
    results = []
    for place in range(chance.randint(2, 8) if resident.need == "much" else chance.randint(0, 3)):
        code, name, unit, low, high = chance.choice(_TESTS)
        at = datetime.combine(_days_before(chance, on, 500), time(chance.randint(7, 19), 15))
        value = round(chance.uniform(low * 0.8, high * 1.25), 1)
        results.append(Result(f"R{resident.number:07}{place}", at, code, name, value, unit, low, high))
    return tuple(sorted(results, key=lambda result: result.at))


def _clinics(resident: Resident, on: date) -> tuple[Clinic, ...]:
    chance = resident.draw("clinics")
    clinics = []
    for place in range(chance.randint(0, 3)):
        day = on + timedelta(days=chance.randint(-300, 90))
        attended = None if day >= on else chance.random() < 0.85
        at = datetime.combine(day, time(chance.randint(9, 16), 30))
        name = chance.choice(("Diabetes clinic", "Heart failure clinic", "Falls clinic", "Renal clinic"))
        clinics.append(Clinic(f"C{resident.number:07}{place}", at, name, attended))
    return tuple(clinics)


def _next_of_kin(resident: Resident) -> tuple[str, str]:
    chance = resident.draw("kin")
    return f"{chance.choice(('Pat', 'Chris', 'Sam', 'Jo'))} {resident.family_name}", chance.choice(
        ("SPO", "CHD", "SIB")
    )


def _social_care(resident: Resident, on: date) -> SocialCare | None:
    if resident.age(on) < 18:
        return None
    chance = resident.draw("support")
    requested = _days_before(chance, on, 700, 60)
    service, component = chance.choice(_SUPPORT)
    started = requested + timedelta(days=30)
    short = service.startswith("Short")
    support = Support(
        service_type=service,
        component=component,
        started=started,
        ended=started + timedelta(days=42) if short else None,
        provider=chance.choice(("Wren House", "Elder Grove Care", "Canal View Homecare")),
        hours_a_week=None if "Residential" in service else chance.choice((3.5, 7.0, 10.5, 14.0)),
    )
    if support.ended is not None and support.ended >= on:
        support = Support(service_type=service, component=component, started=started, provider=support.provider)
    concern = Concern(kind=chance.choice(("Concern", "Enquiry")), raised=_days_before(chance, on, 300), closed=None)
    return SocialCare(
        reason=chance.choice(_REASONS),
        route=chance.choice(("Community / Other route", "Discharge from Hospital")),
        requested=requested,
        assessed=requested + timedelta(days=20),
        support=(support,),
        reviewed=requested + timedelta(days=55) if chance.random() < 0.5 else None,
        concerns=(concern,) if chance.random() < 0.08 else (),
    )


def _mental_health(resident: Resident, on: date) -> MentalHealth | None:
    if resident.age(on) < 18:
        return None
    chance = resident.draw("mental-health")
    team, reason, code, title = chance.choice(_TEAMS)
    referred = _days_before(chance, on, 500, 30)
    ended = referred + timedelta(days=180)
    seen = sorted({referred + timedelta(days=chance.randint(5, 170)) for _ in range(chance.randint(1, 6))})
    admitted = referred + timedelta(days=10)
    detained = chance.random() < 0.06
    return MentalHealth(
        team=team,
        referred=referred,
        reason=reason,
        discharged=ended if ended < on and chance.random() < 0.7 else None,
        contacts=tuple(day for day in seen if day < on),
        diagnosis=Condition(code, title, referred),
        crisis_plan=referred + timedelta(days=14) if chance.random() < 0.3 else None,
        coordinator=chance.random() < 0.5,
        detained_under=chance.choice(("02", "03")) if detained else None,
        spell=(admitted, None if on - admitted < timedelta(days=28) else admitted + timedelta(days=28))
        if detained
        else None,
    )


def _housing(resident: Resident, on: date) -> Housing:
    chance = resident.draw("tenancy")
    applied = _days_before(chance, on, 400, 30)
    done = chance.random() < 0.5
    adaptation = Adaptation(
        works=chance.choice(_WORKS),
        applied=applied,
        recommended=applied + timedelta(days=10),
        approved=applied + timedelta(days=20) if done else None,
        completed=applied + timedelta(days=29) if done else None,
    )
    reported = _days_before(chance, on, 200)
    return Housing(
        tenancy_started=_days_before(chance, on, 6000, 200),
        tenancy_type=chance.choice(("SEC", "INT", "ASY")),
        alerts=(chance.choice(_ALERTS),) if resident.need != "little" and chance.random() < 0.3 else (),
        hazard=("Damp and mould growth", reported) if chance.random() < 0.1 else None,
        repair=("Leaking roof", reported, None if chance.random() < 0.4 else on) if chance.random() < 0.15 else None,
        adaptation=adaptation if resident.need == "much" and chance.random() < 0.4 else None,
        in_arrears=(behind := chance.random()) < 0.04,
        under_notice=reported if behind < 0.01 else None,
        homelessness_duty=("Prevention duty", _days_before(chance, on, 50)) if chance.random() < 0.02 else None,
    )
