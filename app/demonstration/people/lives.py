"""What befalls the people of the demonstration place, as each partner would know it.

Times of day carry no zone, as hospital systems write them: they are London's.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """A diagnosis in ICD-10."""

    icd10: str
    title: str
    since: date


@dataclass(frozen=True, slots=True)
class Allergy:
    """In SNOMED CT, with what happened."""

    snomed: str
    title: str
    reaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A hospital stay, or an emergency attendance where `ward` is empty. `left` is `None` while it lasts."""

    visit: str
    arrived: datetime
    left: datetime | None
    ward: str
    specialty: str
    reason: Condition
    emergency: bool = True
    fit_since: date | None = None  # medically fit to leave, and still there


@dataclass(frozen=True, slots=True)
class Result:
    """One blood test; `low` and `high` bound what is usual."""

    number: str
    at: datetime
    code: str
    name: str
    value: float
    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Clinic:
    """An outpatient appointment; `attended` is `None` where it has not been yet."""

    number: str
    at: datetime
    name: str
    attended: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """A service of adult social care, as the Client Level Data calls it."""

    service_type: str
    component: str
    started: date
    ended: date | None = None
    provider: str = ""
    hours_a_week: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A safeguarding concern: that it exists, since when, and whom to ask."""

    kind: str  # Concern or Enquiry
    raised: date
    closed: date | None
    team: str = "Wulfrun adult safeguarding"


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialCare:
    """What adult social care knows."""

    reason: str
    route: str
    requested: date
    assessed: date | None = None
    support: tuple[Support, ...] = ()
    reviewed: date | None = None
    concerns: tuple[Concern, ...] = ()
    cares_for: int | None = None  # the number of another resident


@dataclass(frozen=True, slots=True, kw_only=True)
class MentalHealth:
    """What the mental health trust knows."""

    team: str  # SERVICE OR TEAM TYPE, such as A06
    referred: date
    reason: str  # PRIMARY REASON FOR REFERRAL
    discharged: date | None
    contacts: tuple[date, ...]
    diagnosis: Condition
    crisis_plan: date | None = None
    coordinator: bool = False
    detained_under: str | None = None  # MENTAL HEALTH ACT LEGAL STATUS CLASSIFICATION CODE
    spell: tuple[date, date | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptation:
    """A Disabled Facilities Grant; what has not happened yet is `None`."""

    works: str
    applied: date
    recommended: date | None
    approved: date | None
    completed: date | None


@dataclass(frozen=True, slots=True)
class HouseholdMember:
    """Another resident, as the landlord knows them; `number` is theirs."""

    number: int
    full_name: str
    birth_date: date
    relationship: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Housing:
    """What the social landlord knows."""

    tenancy_started: date
    tenancy_type: str
    household: tuple[HouseholdMember, ...] = ()  # who lives there with the tenant
    alerts: tuple[str, ...] = ()  # codes of the UK Housing Data Standards
    hazard: tuple[str, date] | None = None
    repair: tuple[str, date, date | None] | None = None
    adaptation: Adaptation | None = None
    in_arrears: bool = False
    under_notice: date | None = None  # since when the landlord asks for the home back
    homelessness_duty: tuple[str, date] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """All of it. `deceased` is known to the acute trust; `location_restricted` too (HL7 ZU8-4)."""

    conditions: tuple[Condition, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    stays: tuple[Stay, ...] = ()
    results: tuple[Result, ...] = ()
    clinics: tuple[Clinic, ...] = ()
    next_of_kin: tuple[str, str] | None = None  # name and relationship (HL7 table 0063)
    beside_telephone: str = ""  # what the acute trust was told of ringing them
    social_care: SocialCare | None = None
    mental_health: MentalHealth | None = None
    housing: Housing | None = None
    deceased: date | None = None
    location_restricted: bool = False
