"""Wulfrun: its partners, localities, feeds, and those who may sign in."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.identity.account import LocalAccount
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

ACUTE: Final = OdsCode("RL4")
SOCIAL_CARE: Final = OdsCode("LA508")
MENTAL_HEALTH: Final = OdsCode("RRE")
HOUSING: Final = OdsCode("WH100")
GENERAL_PRACTICE: Final = OdsCode("M92001")
COMMUNITY: Final = OdsCode("RL4C")
HOSPICE: Final = OdsCode("8A999")


MENTAL_HEALTH_TEAMS: Final = (
    "Community Mental Health Team - Functional",
    "Community Mental Health Team - Organic",
    "Crisis Resolution Team/Home Treatment Service",
    "Early Intervention Team for Psychosis",
    "Psychiatric Liaison Service",
)
"""As the trust's extract names them."""


@dataclass(frozen=True, slots=True)
class Locality:
    """One of the three areas whose people one MDT cares for."""

    name: str
    outward_code: str  # of postcodes that no one has
    practices: tuple[tuple[OdsCode, str], ...]
    streets: tuple[str, ...]


LOCALITIES: Final = (
    Locality(
        "Northgate",
        "ZX1",
        ((OdsCode("M92001"), "Penn Fields Surgery"), (OdsCode("M92002"), "Canal Street Practice")),
        ("Canal Street", "Foundry Road", "Lockside", "Hopgarden Lane", "Chapel Ash Row"),
    ),
    Locality(
        "Tettenbrook",
        "ZX2",
        ((OdsCode("M92011"), "Tettenbrook Medical Centre"), (OdsCode("M92012"), "The Ridgeway Surgery")),
        ("The Ridgeway", "Smestow Avenue", "Orchard Rise", "Windmill Crescent", "Upper Green"),
    ),
    Locality(
        "Bilsmoor",
        "ZX3",
        ((OdsCode("M92021"), "Bilsmoor Health Centre"), (OdsCode("M92022"), "Market Place Surgery")),
        ("Market Place", "Colliery Close", "Tramway", "Proud's Lane", "Ettingshall Walk"),
    ),
)


@dataclass(frozen=True, slots=True)
class PlaceFeed:
    """What one partner sends, through which adapter, and how often it promised to."""

    partner: OdsCode
    adapter: str
    every: timedelta


FEEDS: Final = (
    PlaceFeed(COMMUNITY, "caseload", timedelta(hours=36)),
    PlaceFeed(GENERAL_PRACTICE, "caseload", timedelta(hours=36)),
    PlaceFeed(ACUTE, "acute-hl7v2", timedelta(hours=24)),
    PlaceFeed(SOCIAL_CARE, "social-care-cld", timedelta(hours=36)),
    PlaceFeed(SOCIAL_CARE, "social-care-safeguarding", timedelta(days=8)),
    PlaceFeed(MENTAL_HEALTH, "mental-health-mhsds", timedelta(days=35)),
    PlaceFeed(HOUSING, "housing-json", timedelta(days=8)),
)


TEAMS: Final = frozenset(f"{locality.name} MDT" for locality in LOCALITIES)
"""The workgroups of the three multidisciplinary teams."""


def staff(on: date) -> list[LocalAccount]:
    """One account for each role, trained for half a year from `on`, but for one whose training has run out."""
    trained = on + timedelta(days=182)

    def account(
        username: str,
        name: str,
        organisation: OdsCode,
        *roles: str,
        until: date = trained,
        teams: frozenset[str] = frozenset(),
    ) -> LocalAccount:
        return LocalAccount(
            username=username,
            name=name,
            organisation=organisation,
            roles=tuple(Role(role) for role in roles),
            training_until=until,
            teams=teams,
        )

    return [
        account("nurse", "Nell Rushton", COMMUNITY, "community-nurse", teams=TEAMS),
        account("social-worker", "Sam Oyelaran", SOCIAL_CARE, "social-worker", teams=TEAMS),
        account("gp", "Dr Gita Parmar", GENERAL_PRACTICE, "gp", teams=TEAMS),
        account("acute-clinician", "Dr Anton Cairns", ACUTE, "acute-clinician"),
        account(
            "mental-health",
            "Mei Harcourt",
            MENTAL_HEALTH,
            "mental-health-practitioner",
            teams=TEAMS | frozenset(MENTAL_HEALTH_TEAMS),
        ),
        account("housing-officer", "Hal Okafor", HOUSING, "housing-officer"),
        account("chair", "Carol Deeming", COMMUNITY, "mdt-chair", "community-nurse", teams=TEAMS),
        account("coordinator", "Kit Lane", COMMUNITY, "mdt-coordinator", teams=TEAMS),
        account("hospice-nurse", "Hope Linnell", HOSPICE, "mdt-guest"),
        account("ig-lead", "Ines Galloway", ACUTE, "ig-lead"),
        account("caldicott", "Cal Whitmore", COMMUNITY, "ig-lead"),  # one decides what is about the other
        account("data-manager", "Dina Marsh", COMMUNITY, "data-manager"),
        account("mental-data", "Mona Dace", MENTAL_HEALTH, "data-manager"),  # whose theirs are nobody else learns
        account("lapsed-nurse", "Lou Pike", COMMUNITY, "community-nurse", until=on - timedelta(days=1)),
    ]


def themselves() -> list[LocalAccount]:
    """One resident of each story, who signs in for themselves and sees who looked at their record."""
    return [
        LocalAccount(username=username, name=name, organisation=None, roles=(), nhs_number=NHSNumber(number))
        for username, name, number in (
            ("walter", "Walter Tranter", "9990000018"),
            ("doreen", "Doreen Cotterill", "9990000034"),
        )
    ]
