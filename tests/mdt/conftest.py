"""A small place with its teams, at any time of one's choosing: every step through the desk, as the web takes it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.audit.keys import chain_key
from app.database.transactions import open_engine
from app.demonstration.deprivation import DIRECTORY, INDICES, write_deprivation
from app.demonstration.loading import furnish
from app.demonstration.partners.files import FILES, write_files
from app.deprivation.load import load
from app.intake.arriving.inbox import State, receive
from app.intake.process import process_next
from app.mdt.desk import MDT
from app.mdt.steps.table import receipt, step
from app.mdt.workflow.refusal import Refusal, Refused, Why
from app.place import Place, open_place
from app.record.inquiry import Inquiry
from app.settings import Settings
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import Purpose, Role
from tests.conftest import clone

ON = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 9, tzinfo=UTC)
PEOPLE = 24
FATHER, SON, WOMAN, NEIGHBOUR = "9990000018", "9990000026", "9990000034", "9990000123"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(var=tmp_path_factory.mktemp("mdt"), demonstration=True)


@pytest.fixture(scope="session")
def place_url(
    server_url: str, template: str, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A database that holds the place, which all these tests share; each begins without teams' doings."""
    folder = tmp_path_factory.mktemp("files")
    write_files(folder, PEOPLE, seed=1, on=ON)
    with clone(server_url, template) as url:
        _fill(url, folder, settings)
        yield url


def _fill(url: str, folder: Path, settings: Settings) -> None:
    engine = open_engine(url)
    furnish(engine, ON)
    for file in FILES:
        with (folder / file.name).open("rb") as content:
            receive(engine, content, partner=file.partner, adapter=file.adapter, at=NOW)
    while processed := process_next(engine, clock=lambda: NOW, new_id=uuid4, key=chain_key(settings)):
        assert processed.state is State.PROCESSED, processed
    engine.dispose()


class Wulfrun:
    """The place, as its staff act in it; `at` is what the clock says."""

    def __init__(self, place: Place, runner: asyncio.Runner, url: str) -> None:
        self.place, self._runner, self.url = place, runner, url
        self._engine = open_engine(url, pool_size=1)
        self.at = NOW

    def begin_anew(self) -> None:
        """As though no team had ever met, nobody had objected or died, and no records had been merged."""
        self.at = NOW
        self.sql(_FORGET)

    def close(self) -> None:
        self._engine.dispose()

    def run(self, awaitable: Any) -> Any:
        return self._runner.run(awaitable)

    def inquiry(self, username: str, *, role: str | None = None, purpose: Purpose = MDT) -> Inquiry:
        account = self.run(self.place.account(username))
        requester = account.asking(Role(role) if role else None)
        return Inquiry(id=uuid4(), requester=requester, purpose=purpose, at=self.at)

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)

    def person(self, digits: str) -> UUID:
        """By NHS number, as general practice finds everyone it may."""
        [[found]] = self.sql("SELECT person_id FROM person_nhs_number WHERE nhs_number = %s", NHSNumber(digits).digits)
        return UUID(str(found))

    def objects(self, digits: str, scope: str = "all", organisation: str | None = None) -> None:
        """An objection that is upheld from now on."""
        self.sql(
            "INSERT INTO objection (person_id, scope, upheld, organisation, started) VALUES (%s, %s, true, %s, %s)",
            self.person(digits), scope, organisation, self.at,
        )  # fmt: skip

    def sql(self, statement: str, *parameters: object) -> list[Any]:
        with self._engine.begin() as connection:
            result = connection.exec_driver_sql(statement, parameters or None)
            return list(result) if result.returns_rows else []

    def tries(
        self,
        username: str,
        thing: str,
        event: str,
        of: UUID | str | None = None,
        /,
        *,
        role: str | None = None,
        purpose: Purpose = MDT,
        **form: Any,
    ) -> Any:
        """Take a step; what came of it, or the refusal."""
        asked = self.inquiry(username, role=role, purpose=purpose)
        return self.run(self.place.desk.take(step(thing, event), asked, UUID(str(of)) if of else None, form))

    def does(self, username: str, thing: str, event: str, of: UUID | str | None = None, /, **form: Any) -> Any:
        """Take a step that must be possible; the receipt."""
        told = self.tries(username, thing, event, of, **form)
        assert not isinstance(told, Refusal), told
        return receipt(told)

    def refused(self, username: str, thing: str, event: str, of: UUID | str | None = None, /, **form: Any) -> Refusal:
        told = self.tries(username, thing, event, of, **form)
        assert isinstance(told, Refusal), told
        return told

    def asks(
        self,
        username: str,
        question: Callable[..., Any],
        *about: Any,
        role: str | None = None,
        purpose: Purpose = MDT,
        **more: Any,
    ) -> Any:
        """Ask for a list or a whole; what is told, or the refusal."""
        try:
            return self.run(
                question(self.place.desk, self.inquiry(username, role=role, purpose=purpose), *about, **more)
            )
        except Refused as refused:
            return refused.refusal

    def refer(self, digits: str = FATHER, username: str = "nurse", **changes: Any) -> Any:
        return self.tries(
            username, "referrals", "new", purpose=Purpose("direct-care"), **referral(self.person(digits), **changes)
        )

    def on_caseload(self, digits: str = FATHER, **changes: Any) -> UUID:
        """Referred and accepted: the id of the entry."""
        referred = self.refer(digits, **changes)
        assert not isinstance(referred, Refusal), referred
        self.does("chair", "referrals", "accept", referred.id, version=referred.version, reason="for the team")
        [[entry]] = self.sql(
            "SELECT id FROM mdt_caseload WHERE state = 'active' AND content->'referrals' ? %s", str(referred.id)
        )
        return UUID(str(entry))

    def locality_of(self, entry: UUID) -> str:
        return str(self.sql("SELECT locality FROM mdt_caseload WHERE id = %s", entry)[0][0])

    def meeting(self, locality: str, *, nth: int = 0) -> dict[str, Any]:
        """A locality's next meetings, planned ahead."""
        self.does("coordinator", "meetings", "new", locality=locality, until=str(self.at.date() + timedelta(days=150)))
        rows = self.sql(
            "SELECT id, version, starts_at, ends_at FROM mdt_meeting"
            " WHERE locality = %s AND state = 'planned' AND starts_at > %s ORDER BY starts_at",
            locality, self.at,
        )  # fmt: skip
        id, version, starts_at, ends_at = rows[nth]
        return {"id": id, "version": version, "starts_at": starts_at, "ends_at": ends_at}

    def version(self, table: str, id: UUID | str) -> int:
        return int(self.sql(f"SELECT version FROM mdt_{table} WHERE id = %s", id)[0][0])

    def state(self, table: str, id: UUID | str) -> str:
        return str(self.sql(f"SELECT state FROM mdt_{table} WHERE id = %s", id)[0][0])

    def listed(self, meeting: dict[str, Any], entry: UUID, username: str = "chair", **form: Any) -> UUID:
        item = self.does(
            username, "items", "new", meeting_id=meeting["id"], caseload_id=entry, question="What next?", **form
        )
        return UUID(str(item["id"]))

    def heard(self, item: UUID | str) -> list[str]:
        """The open actions of a discussion, as they are read back to the room."""
        rows = self.sql("SELECT id FROM mdt_action WHERE item_id = %s AND ended_at IS NULL ORDER BY id", item)
        return [str(row[0]) for row in rows]

    def began(self, meeting: dict[str, Any]) -> None:
        """Locked, everyone of the team arrived, and started, at the time that it was planned for."""
        self.at = meeting["starts_at"] - timedelta(minutes=20)
        self.does("chair", "meetings", "lock", meeting["id"], version=self.version("meeting", meeting["id"]))
        self.at = meeting["starts_at"]
        for username in ("chair", "nurse", "social-worker", "gp", "mental-health", "coordinator"):
            self.does(username, "arrivals", "new", meeting_id=meeting["id"])
        self.does("chair", "meetings", "start", meeting["id"], version=self.version("meeting", meeting["id"]))


def referral(person_id: UUID, /, **changes: Any) -> dict[str, Any]:
    """A whole form."""
    return {
        "person_id": str(person_id),
        "situation": "Falls and a carer who drinks",
        "background": "Second stroke, housebound",
        "assessment": "At risk of admission",
        "recommendation": "One plan for both",
        "question": "How can he stay at home safely?",
        "segments": ["frailty-and-dementia"],
        "informed": {"was": True, "how": "face-to-face", "on": "2026-06-29"},
        "agreement": {"stance": "agrees"},
        "what_matters": "To stay in my own house",
    } | changes


_FORGET = """
    ALTER TABLE mdt_history DISABLE TRIGGER USER;
    TRUNCATE mdt_history, mdt_outbox, mdt_case_study, mdt_action, mdt_attendance, mdt_invitation_item, mdt_invitation,
             mdt_agenda_item, mdt_meeting, mdt_caseload, mdt_referral;
    ALTER TABLE mdt_history ENABLE TRIGGER USER;
    DELETE FROM relationship WHERE partner = 'pisano';
    DELETE FROM objection;
    DELETE FROM person_flag WHERE message = 1000;
    UPDATE person SET merged_into = NULL WHERE merged_into IS NOT NULL;
"""


@pytest.fixture(scope="session")
def opened(place_url: str, settings: Settings) -> Iterator[Wulfrun]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        place = runner.run(stack.enter_async_context(open_place(settings, place_url)))
        told = Wulfrun(place, runner, place_url)
        yield told
        told.close()
        runner.run(stack.aclose())


@pytest.fixture
def wulfrun(opened: Wulfrun) -> Wulfrun:
    opened.begin_anew()
    return opened


@pytest.fixture
def deprived(wulfrun: Wulfrun, tmp_path: Path) -> Iterator[None]:
    """The indices that the demonstration's own place loads."""
    write_deprivation(tmp_path)
    engine = open_engine(wulfrun.url)
    load(engine, postcodes=tmp_path / DIRECTORY, indices=tmp_path / INDICES, at=wulfrun.at)
    engine.dispose()
    yield
    wulfrun.sql("DELETE FROM postcode_decile")
    wulfrun.sql("DELETE FROM deprivation_edition")


@pytest.fixture
def namesakes(wulfrun: Wulfrun) -> Iterator[Wulfrun]:
    """The place while the son is called as his father is: Walter, and not Keith."""
    renamed = [
        row[0] for row in wulfrun.sql(_CALLED + " RETURNING id", "Keith", "Walter", wulfrun.person(SON), "Keith")
    ]
    assert renamed
    yield wulfrun
    for id in renamed:
        wulfrun.sql(_CALLED + " AND id = %s", "Walter", "Keith", wulfrun.person(SON), "Walter", id)


_CALLED = """
    UPDATE entry SET summary = convert_to(replace(convert_from(summary, 'UTF8'), %s, %s), 'UTF8')
    WHERE person_id = %s AND convert_from(summary, 'UTF8') LIKE '%%"given":["' || %s || '%%'
"""


def why(refusal: Any) -> Why:
    assert isinstance(refusal, Refusal), refusal
    return refusal.why
