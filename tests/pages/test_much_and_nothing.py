"""A person with a thousand entries, one with none, one with a very long name, and fifteen on one agenda."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.demonstration.partners import acute
from app.demonstration.people.lives import Life, Result
from app.demonstration.people.resident import Resident
from app.demonstration.place import ACUTE
from app.identity.store import accounts, put_accounts
from app.settings import Settings
from tests.pages.conftest import Visitor, is_sound, is_sound_at_both_sizes
from tests.pages.convening import Team, team
from tests.pages.hands import FINGER, KEYBOARD
from tests.pages.partners import newcomers, sends, sends_list
from tests.pages.test_a_nurse_on_a_doorstep import BUDGET, fetched_by
from tests.scenarios.conftest import ON

Visiting = Callable[..., Visitor]
RESULTS = 500  # two entries each, the test and its report, of which a reader sees one
ALL = 15  # as many as a long meeting has
NOTHING = 2  # where on the list whoever stands of whom nothing is told
GUESTS = {
    "housing-officer": "Hal Okafor",
    "guest": "Wilhelmina-Guinevere Featherstonehaugh",
    **{f"guest-{number}": f"Guest {number}" for number in range(7)},
}
"""Who comes beside the six of the team, by account."""
FAMILY, GIVEN = "Featherstonehaugh-Cholmondeley-Wolstenholme-Beauchamp", "Maximiliana Bartholomea Wilhelmina-Guinevere"


def of_much(resident: Resident) -> bytes:
    """Results of the hospital, one every half day."""
    results = tuple(
        Result(
            number=f"MANY{number}",
            at=datetime.combine(ON, time(9)) - timedelta(hours=12 * number),
            code="1000731000000107",
            name="Serum creatinine level",
            value=80 + number % 40,
            unit="umol/L",
            low=60,
            high=110,
        )
        for number in range(1, RESULTS + 1)
    )
    return b"".join(acute.messages(resident, Life(results=results), ON))


@pytest.fixture(scope="module")
def listed(place: Engine, settings: Settings) -> list[Resident]:
    """On the practice's list: one of whom much is told, one with a very long name, one of whom nothing is, and others.

    The hospital tells who they all are, but for the third.
    """
    much, long, nobody, *others = newcomers()
    long = replace(long, family_name=FAMILY, given_name=GIVEN)
    sends_list(place, settings, [much, long, nobody, *others])
    registered = b"".join(message for one in (long, *others) for message in acute.messages(one, Life(), ON))
    sends(place, settings, of_much(much) + registered, partner=ACUTE, adapter="acute-hl7v2")
    return [much, long, nobody, *others]


@pytest.fixture(scope="module")
def northgate(address: str, settings: Settings) -> Iterator[Team]:
    with team(address, settings) as told:
        yield told


@pytest.fixture(scope="module")
def fifteen(northgate: Team, listed: list[Resident], place: Engine) -> str:
    """A meeting with twice as many as it has time for, whose agenda is open; of each of them something is told."""
    with transaction(place) as connection:
        [known] = [one for one in accounts(connection) if one.username == "housing-officer"]
        put_accounts(connection, [replace(known, username=account, name=name) for account, name in GUESTS.items()])
    for resident in (one for place_in_list, one in enumerate(listed) if place_in_list != NOTHING):
        northgate.on_caseload(number_of(resident), "gp", locality="northgate", question="Can they stay at home?")
    meeting = northgate.next_meeting()
    northgate.invited(meeting)
    northgate.all_listed(meeting)
    northgate.with_guests(meeting, GUESTS)
    return meeting


def number_of(resident: Resident) -> str:
    assert resident.nhs_number is not None
    return resident.nhs_number.digits


@pytest.mark.parametrize("place_in_list", [0, 1, NOTHING], ids=["a thousand entries", "a very long name", "nothing"])
def test_a_record_of_much_and_of_nothing_stands_in_nobodys_way_and_is_light(
    visiting: Visiting, axe: str, listed: list[Resident], place_in_list: int
) -> None:
    page = visiting("gp").opens(number_of(listed[place_in_list]))
    is_sound_at_both_sizes(page, axe)
    assert weight_of(visiting("gp").page, page.url) <= BUDGET


def test_a_thousand_entries_are_all_on_the_timeline(visiting: Visiting, axe: str, listed: list[Resident]) -> None:
    doctor = visiting("gp", how=FINGER)
    page = doctor.opens(number_of(listed[0]))
    doctor.press("link", "Timeline")
    expect(page.get_by_role("status")).to_have_text(f"{RESULTS + 1} entries")
    is_sound(doctor, axe)


def weight_of(empty: Page, address: str) -> int:
    """In bytes, as a browser that keeps nothing yet fetches it."""
    return sum(size for _, size in fetched_by(empty, address))


def test_an_agenda_of_fifteen_is_put_in_order_by_drag_by_keyboard_and_by_finger(
    visiting: Visiting, axe: str, fifteen: str
) -> None:
    page = visiting("coordinator").go(f"/meetings/{fifteen}/agenda")
    line = page.locator(".pisano-agenda__line")
    expect(line).to_have_count(ALL)
    first, second, third = lines(page)[:3]
    time_of = page.locator(".pisano-agenda__time")
    expect(time_of.nth(1)).to_have_attribute("draggable", "true")  # till then nobody minds a drag
    time_of.nth(1).drag_to(time_of.first)
    expect(line.first).to_contain_text(second)
    assert lines(page)[:3] == [second, first, third]

    for how, button, then in (
        (KEYBOARD, f"Up {third}", [second, third, first]),
        (FINGER, f"Down {second}", [third, second, first]),
    ):
        other = visiting("coordinator", how=how)
        page = other.go(f"/meetings/{fifteen}/agenda")
        other.press("button", button)
        expect(page.locator(".pisano-agenda__line h2 a").nth(1)).to_have_text(then[1])
        assert lines(page)[:3] == then
        is_sound(other, axe)


def lines(page: Page) -> list[str]:
    return [one.inner_text() for one in page.locator(".pisano-agenda__line h2 a").all()]


def test_a_meeting_of_fifteen_stands_in_nobodys_way(
    visiting: Visiting, axe: str, northgate: Team, fifteen: str
) -> None:
    """On its agenda and in its room; nobody is discussed yet, and what lists all is looked at, on every screen."""
    page = visiting("coordinator").go(f"/meetings/{fifteen}/invited")
    expect(page.get_by_role("article")).to_have_count(ALL)
    for account, name in GUESTS.items():
        guest = page.get_by_role("article", name=name)
        expect(guest).to_contain_text("and nobody else")
        expect(guest).to_contain_text(
            "Will see nothing of" if account == "housing-officer" else f"nothing of {ALL} people"
        )
    sight = page.get_by_role("group").filter(has_text="will see").filter(has_text=", and not ").first
    sight.locator("summary").click()
    expect(sight.locator("p", has_text="Will not see:")).to_be_visible()
    for username, path in (("chair", "pack"), ("chair", "invited"), ("coordinator", "agenda")):
        page = visiting(username).go(f"/meetings/{fifteen}/{path}")
        expect(page.get_by_role("main")).to_contain_text(FAMILY)
        is_sound_at_both_sizes(page, axe)
    northgate.begun(fifteen)
    for path in ("scribe", "wall"):
        page = visiting("chair").go(f"/meetings/{fifteen}/{path}")
        is_sound_at_both_sizes(page, axe)
