"""Who objects to being discussed leaves the agenda, and nobody at the meeting is told why."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.audit.keys import chain_key
from app.database.transactions import in_transaction
from app.governance.commands.replay import outcomes
from app.governance.exceptions.objecting import Step
from app.governance.handling import Handling
from app.mdt.packs import pack
from app.mdt.reading import whole
from app.mdt.steps import objected
from app.mdt.steps.agenda.propose import NOT_DISCUSSED
from app.person.standing_store import standing_of
from app.settings import Settings
from app.sharing.facts import Objection
from app.sharing.known.former_store import facts_then
from app.vocabulary.token import Purpose
from tests.mdt.conftest import FATHER, Wulfrun
from tests.mdt.test_invitation import Invited

TEAM = "Northgate MDT"


@pytest.fixture
def invited(wulfrun: Wulfrun) -> Invited:
    guest = Invited(wulfrun)
    guest.accept()
    return guest


def handling(wulfrun: Wulfrun, settings: Settings) -> Handling:
    asked = wulfrun.inquiry("gp", purpose=Purpose("direct-care"))
    place = wulfrun.place
    now = datetime.now(UTC)  # when what is known was recorded by the database's own clock
    return Handling(requester=asked.requester, purpose=asked.purpose, at=now, agreements=place.agreements,
                    key=chain_key(settings), new_id=uuid4)  # fmt: skip


def objects(wulfrun: Wulfrun, settings: Settings, meeting: str, team: str | None, scope: str = "meeting") -> int:
    """As the person's own doctor records it."""
    by, person = handling(wulfrun, settings), wulfrun.person(FATHER)
    said = Objection(id="", scope=scope, upheld=False, started=wulfrun.at, meeting=meeting or None, team=team)
    teams = wulfrun.place.desk.teams
    number = wulfrun.run(
        in_transaction(wulfrun.place.writing, lambda connection: objected.lodge(connection, teams, person, said, by))
    )
    assert number is not None
    return int(number)


def test_who_objects_to_all_sharing_on_the_morning_leaves_the_agenda_at_once_and_the_meeting_goes_on(
    invited: Invited, wulfrun: Wulfrun, settings: Settings
) -> None:
    wulfrun.began(invited.meeting)
    objects(wulfrun, settings, "", None, scope="all")

    assert wulfrun.state("agenda_item", invited.item) == "withdrawn"
    assert invited.view() is None
    told = wulfrun.asks("chair", whole.meeting, invited.meeting["id"])
    assert [item["id"] for item in told["agenda"]] == [invited.other]
    assert "object" not in str(told)
    wulfrun.does("chair", "items", "carry-over", invited.other, version=1, reason="out-of-time")
    wulfrun.does("chair", "meetings", "close", told["id"], version=told["version"])
    assert wulfrun.asks("chair", whole.proposal, wulfrun.meeting("northgate")["id"])["listed"] == []


def lifts(wulfrun: Wulfrun, settings: Settings, number: int) -> Any:
    by, person = handling(wulfrun, settings), wulfrun.person(FATHER)
    teams = wulfrun.place.desk.teams
    return wulfrun.run(
        in_transaction(
            wulfrun.place.writing,
            lambda connection: objected.step(connection, teams, person, number, Step.LIFT, by),
        )
    )


def sees(wulfrun: Wulfrun, username: str, purpose: str = "mdt") -> bool:
    asked = wulfrun.inquiry(username, purpose=Purpose(purpose))
    return wulfrun.run(wulfrun.place.record.view(asked, wulfrun.person(FATHER))) is not None


def day_of(invited: Invited) -> str:
    [[sitting]] = invited.wulfrun.sql("SELECT sitting FROM mdt_meeting WHERE id = %s", invited.meeting["id"])
    return f"northgate/{sitting}"


def test_who_objects_to_one_meeting_leaves_its_agenda_pack_and_guests_and_is_not_listed_there_again(
    invited: Invited, settings: Settings
) -> None:
    wulfrun = invited.wulfrun
    wulfrun.at = invited.meeting["starts_at"] - timedelta(minutes=10)
    assert sees(wulfrun, "housing-officer")
    objects(wulfrun, settings, day_of(invited), None)
    assert wulfrun.state("agenda_item", invited.item) == "withdrawn"
    assert wulfrun.state("agenda_item", invited.other) == "listed"
    assert not sees(wulfrun, "housing-officer")
    shown = wulfrun.asks("chair", pack.pack, invited.meeting["id"])
    assert [page.item_id for page in shown.pages] == [invited.other]
    [[entry]] = wulfrun.sql("SELECT caseload_id FROM mdt_agenda_item WHERE id = %s", invited.item)
    again = {"meeting_id": invited.meeting["id"], "caseload_id": entry, "question": "What next?"}
    refused = wulfrun.refused("chair", "items", "new", **again)
    assert refused.text == NOT_DISCUSSED
    assert sees(wulfrun, "chair")  # the team still has them on its caseload


def test_who_objects_to_a_team_is_seen_by_nobody_as_of_that_team_and_by_their_nurse_as_before(
    invited: Invited, settings: Settings
) -> None:
    wulfrun = invited.wulfrun
    own = sees(wulfrun, "nurse", "direct-care")
    assert sees(wulfrun, "nurse")
    number = objects(wulfrun, settings, "northgate", TEAM)
    assert wulfrun.state("agenda_item", invited.item) == "withdrawn"
    assert not any(sees(wulfrun, username) for username in ("nurse", "chair", "coordinator", "gp", "social-worker"))
    assert sees(wulfrun, "nurse", "direct-care") == own
    lifts(wulfrun, settings, number)
    wulfrun.at = datetime.now(UTC)
    assert sees(wulfrun, "nurse")


def test_nobody_at_the_meeting_is_told_that_there_is_an_objection(invited: Invited, settings: Settings) -> None:
    wulfrun = invited.wulfrun
    objects(wulfrun, settings, "northgate", TEAM)
    told = str(wulfrun.asks("chair", whole.meeting, invited.meeting["id"]))
    assert "object" not in told
    history = wulfrun.sql("SELECT content ->> 'withdrawn' FROM mdt_agenda_item WHERE id = %s", invited.item)
    assert [tuple(row) for row in history] == [(NOT_DISCUSSED,)]


def test_what_a_guest_saw_by_an_invitation_is_made_again_once_it_is_gone(invited: Invited) -> None:
    wulfrun, now = invited.wulfrun, datetime.now(UTC)
    since = now
    wulfrun.sql("UPDATE mdt_meeting SET starts_at = %s, ends_at = %s WHERE id = %s", now - timedelta(minutes=5),
                now + timedelta(hours=1), invited.meeting["id"])  # fmt: skip
    wulfrun.at = datetime.now(UTC)
    assert sees(wulfrun, "housing-officer")
    person, then = wulfrun.person(FATHER), wulfrun.at
    wulfrun.does("coordinator", "invitations", "revoke", invited.id, version=2, reason="Not needed")
    wulfrun.at = datetime.now(UTC)
    assert not sees(wulfrun, "housing-officer")
    with wulfrun.place.writing.connect() as connection:
        standing = standing_of(connection, [person])[person]
        before, after = facts_then(connection, [(standing, then), (standing, wulfrun.at)])
        assert [(each.accepted, each.on_agenda) for each in before.invitations] == [(True, True)]
        assert [each.accepted for each in after.invitations] == [False]
        found = outcomes(connection, since)
    assert (found["the same"], found["another"], found["not kept"]) == (2, 0, 0)
