"""Two places that are one but for what is hidden: the same database twice, of which one holds more."""

from asyncio import Runner
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
from sqlalchemy import Connection, Engine

from app.audit.event import Event, Kind
from app.audit.keys import chain_key
from app.audit.trail import record
from app.database.transactions import open_engine, transaction
from app.identity.account import LocalAccount
from app.identity.passwords.hashing import Passwords
from app.identity.passwords.store import put_password
from app.identity.store import put_accounts
from app.identity.systems.store import register
from app.main import create_app
from app.record.label_numbers import label_number
from app.settings import Settings
from app.sharing.facts import Account
from app.vocabulary.category import CATEGORIES, Category
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role
from tests.conftest import LITTLE
from tests.identity.people import PASSWORD
from tests.identity.systems import a_system
from tests.pages.convening import FATHER, NEIGHBOUR, Team
from tests.scenarios.in_process import InProcess, running

NUMBER = 77  # of a hidden entry in one world, and nobody's in the other
NOBODY = "01234567-89ab-4def-8123-456789abcdef"
STRANGER, STRANGERS_NUMBER = "00000000-0000-4000-8000-00000000aaaa", "9990099901"
ALERT = "00000000-0000-4000-8000-00000000aaab"
ACTION = "00000000-0000-4000-8000-00000000aaac"
PARTNERS = [OdsCode(code) for code in ("RL4", "RRE", "LA508", "M92001")]
SEALED = (Sensitivity.SEALED, Sensitivity.BARRED)
HOUSING = [
    LocalAccount(
        username=f"housing-{which}",
        name="Hanna Lead",
        organisation=OdsCode("WH100"),
        roles=(Role(role),),
        training_until=datetime.now(UTC).date(),
    )
    for which, role in (("lead", "ig-lead"), ("other", "housing-officer"))
]


@dataclass(frozen=True)
class World:
    """One of the two, as it is asked and as it is changed."""

    door: InProcess
    client: httpx.Client
    engine: Engine
    settings: Settings


@dataclass
class Known:
    """What there is in both worlds, and `hidden` what is in one: by name of a path's part, the ids to ask of."""

    father: str
    family: str
    born: str
    own: dict[str, str]
    hidden: dict[str, str] = field(default_factory=dict)


@contextmanager
def opened(url: str, settings: Settings, runner: Runner) -> Iterator[World]:
    """A world that answers."""
    engine = open_engine(url)
    try:
        with (
            running(create_app(settings, url), runner) as door,
            httpx.Client(transport=door, base_url="http://testserver") as client,
        ):
            yield World(door, client, engine, settings)
    finally:
        engine.dispose()


def prepare(url: str, settings: Settings) -> None:
    """What both worlds hold: a meeting that has begun, with a line to which a guest is invited, and who may ask."""
    with Runner() as runner, opened(url, settings, runner) as world:
        with Passwords(LITTLE) as hashing, transaction(world.engine) as connection:
            put_accounts(connection, HOUSING)
            put_password(connection, "walter", hashing.hashed(PASSWORD), must_change=False)
            register(connection, a_system(scopes="system/*.cruds"), at=datetime.now(UTC))
        team = Team(world.client, settings)
        team.on_caseload(FATHER)
        meeting = team.next_meeting()
        team.listed(meeting)
        (item,) = team.agenda(meeting)
        invite(team, meeting, item["id"], account="hospice-nurse", organisation="8A999", profile="hospice")
        with transaction(world.engine) as connection:
            connection.exec_driver_sql(
                "UPDATE mdt_meeting SET starts_at = now() - interval '5 minutes', ends_at = now() + interval '9 hours'"
                " WHERE id = %s",
                (UUID(meeting),),
            )
        (invitation,) = world.client.get("/api/mdt/invitations", headers=team._headers("hospice-nurse")).json()
        accepted = {"version": invitation["version"]}
        team.does("hospice-nurse", f"/api/mdt/invitations/{invitation['id']}/accept", **accepted)
        team.discussed(meeting, "Tranter")
        nurse = {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"}
        due = str(datetime.now(UTC).date() + timedelta(days=30))
        form = {"item_id": item["id"], "what": "Visit", "owner": nurse, "due": due, "test": "He was seen"}
        team.does("chair", "/api/mdt/actions", **form)


def invite(team: Team, meeting: str, item: str, **whom: str) -> None:
    form: dict[str, Any] = {"meeting_id": meeting, "items": [item], "name": "A guest", "reason": "They know", **whom}
    team.does("coordinator", "/api/mdt/invitations", **form)


def known(world: World) -> Known:
    """What both hold, as the database has it."""
    with world.engine.connect() as connection:

        def one(statement: str) -> Any:
            return connection.exec_driver_sql(statement).one()

        (father,) = one(f"SELECT person_id FROM person_nhs_number WHERE nhs_number = '{FATHER}'")
        family, born = one(
            "SELECT family_name, birth_date FROM person_identity"
            f" WHERE person_id = '{father}' AND birth_date IS NOT NULL ORDER BY partner LIMIT 1"
        )
        own = {
            "item_id": "agenda_item", "referral_id": "referral", "entry_id": "caseload", "action_id": "action",
            "invitation_id": "invitation WHERE kind = 'guest'",
        }  # fmt: skip
        ids = {name: str(one(f"SELECT id FROM mdt_{table}")[0]) for name, table in own.items()}
        ids["meeting_id"] = str(one("SELECT meeting_id FROM mdt_agenda_item")[0])
        ids["condition"] = str(
            one(f"SELECT min(id) FROM entry WHERE person_id = '{father}' AND resource_type = 'Condition'")[0]
        )
    return Known(str(father), family, born.isoformat(), ids)


def hide_from_all(world: World, about: Known, chance: Random) -> None:
    """What nobody may know: sealed entries and versions, who else has to do with somebody, and what others did."""
    with transaction(world.engine) as connection:
        for place in range(chance.randint(1, 4)):
            label = Label(chance.choice(PARTNERS), chance.choice(CATEGORIES), chance.choice(SEALED))
            _entry(connection, about.father, NUMBER + place, label, chance)
        _former_version(connection, about.father)
        for organisation in chance.sample(["RRE", "WH100", "M92001"], 2):
            _relationship(connection, about.father, organisation)
        _alert(connection, about.father)
        record(connection, list(_deeds(about, chance)), key=chain_key(world.settings))
    about.hidden |= {"number": str(NUMBER)}


def hide_from_all_but_managers(world: World, about: Known, chance: Random) -> None:
    """A stranger with all that is known of them, and what waits for whoever manages the data."""
    with transaction(world.engine) as connection:
        _stranger(connection, about, chance)
        record(connection, list(_looks_at_the_stranger(chance)), key=chain_key(world.settings))
    about.hidden |= {"person_id": STRANGER, "alert_id": ALERT, "nhs_number": STRANGERS_NUMBER}


def hide_from_outside_the_team(world: World, about: Known, chance: Random) -> None:
    """What only the team knows: somebody else on the same meeting's agenda, their guest, and an action about them."""
    team, meeting = Team(world.client, world.settings), about.own["meeting_id"]
    question = chance.choice(["Is she safe at home?", "Who fits the lift?"])
    urgently = {"urgency": "urgent", "why_urgent": "She fell again"}  # or the locked agenda would not take her
    team.on_caseload(NEIGHBOUR, "social-worker", question=question, **urgently)
    with world.engine.connect() as connection:
        found = "SELECT c.id, c.person_id FROM mdt_caseload c WHERE c.id <> %s"
        entry, woman = connection.exec_driver_sql(found, (UUID(about.own["entry_id"]),)).one()
    listed = team.does(
        "chair", "/api/mdt/items", meeting_id=meeting, caseload_id=str(entry), question="What next?", why_late="Today"
    )
    invite(team, meeting, listed["id"], account="housing-other", organisation="WH100", profile="housing")
    with transaction(world.engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO mdt_action SELECT (jsonb_populate_record(a, %s::jsonb)).* FROM mdt_action a",
            (orjson.dumps({"id": ACTION, "item_id": listed["id"], "person_id": str(woman)}).decode(),),
        )
        other = "SELECT {} FROM mdt_{} WHERE id <> %s ORDER BY id LIMIT 1"
        about.hidden |= {
            name: str(connection.exec_driver_sql(other.format("id", table), (UUID(about.own[name]),)).scalar_one())
            for name, table in (("referral_id", "referral"), ("invitation_id", "invitation"))
        }
    about.hidden |= {"item_id": listed["id"], "entry_id": str(entry), "action_id": ACTION, "caseload_id": str(entry)}
    about.hidden |= {"caseload_person": str(woman)}


def hide_from_housing(world: World, about: Known, chance: Random) -> None:
    """What is ordinary to those who care for somebody, and no business of a landlord's."""
    headings = [Category(code) for code in ("medications", "problems", "results", "documents")]
    with transaction(world.engine) as connection:
        for place in range(10, 10 + chance.randint(2, 5)):
            label = Label(chance.choice(PARTNERS), chance.choice(headings), Sensitivity.NORMAL)
            _entry(connection, about.father, NUMBER + place, label, chance)


def _entry(connection: Connection, person: str, number: int, label: Label, chance: Random) -> None:
    """One entry made of another, perhaps with former versions and a document."""
    former = chance.randint(0, 3)
    differing = {
        "id": number,
        "key": f"hidden/{number}",
        "label": label_number(label),
        "partner": label.controller,
        "category": label.category,
        "sensitivity": label.sensitivity,
        "started": chance.choice([None, f"20{chance.randint(20, 29)}-05-01"]),
        "stored_at": datetime.now(UTC).isoformat(),
    }
    for version in range(1, former + 1):
        _copy(connection, "entry_version", person, {**differing, "version": version})
    _copy(connection, "entry", person, {**differing, "version": former + 1})
    if chance.random() < 0.5:
        held = "INSERT INTO attachment VALUES (%s, %s, 'text/plain', 'a letter that nobody may read')"
        connection.exec_driver_sql(held, (number, former + 1))


def _copy(connection: Connection, table: str, person: str, differing: dict[str, Any]) -> None:
    connection.exec_driver_sql(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(e, %s::jsonb)).* FROM entry e"
        " WHERE person_id = %s AND resource_type = 'Condition' AND key NOT LIKE 'hidden%%' ORDER BY id LIMIT 1",
        (orjson.dumps(differing).decode(), UUID(person)),
    )


def _former_version(connection: Connection, person: str) -> None:
    sealed = label_number(Label(OdsCode("RL4"), Category("problems"), Sensitivity.SEALED))
    connection.exec_driver_sql(
        "INSERT INTO entry_version SELECT (jsonb_populate_record(e, jsonb_build_object("
        " 'version', 0, 'label', %s::int8, 'sensitivity', 'sealed', 'key', e.key || '/hidden'))).*"
        " FROM entry e WHERE person_id = %s AND resource_type = 'Condition' AND key NOT LIKE 'hidden%%'",
        (sealed, UUID(person)),
    )


def _stranger(connection: Connection, about: Known, chance: Random) -> None:
    """Somebody of the father's name, whom none of the viewers has to do with: with flags, objections and doubts."""
    connection.exec_driver_sql("INSERT INTO person (id, created_at) VALUES (%s, now())", (UUID(STRANGER),))
    numbered = "INSERT INTO person_nhs_number (nhs_number, person_id, since) VALUES (%s, %s, now())"
    connection.exec_driver_sql(numbered, (STRANGERS_NUMBER, UUID(STRANGER)))
    connection.exec_driver_sql(
        "INSERT INTO person_identity SELECT (jsonb_populate_record(i, jsonb_build_object("
        " 'person_id', %s::text, 'partner', 'RRE'))).* FROM person_identity i"
        " WHERE person_id = %s ORDER BY partner LIMIT 1",
        (STRANGER, UUID(about.father)),
    )
    _copy(connection, "entry", about.father, {"id": NUMBER + 50, "key": "hidden/50", "person_id": STRANGER})
    _relationship(connection, STRANGER, "RRE")
    for kind in chance.sample(list(FlagKind), 2):
        raised = "INSERT INTO person_flag (person_id, partner, kind, raised, since, message)"
        connection.exec_driver_sql(f"{raised} VALUES (%s, 'RL4', %s, true, now(), 1)", (UUID(STRANGER), str(kind)))
    connection.exec_driver_sql(
        "INSERT INTO objection (person_id, scope, upheld, organisation, started)"
        " VALUES (%s, %s, true, 'RL4C', now() - interval '1 day')",
        (UUID(STRANGER), chance.choice(["all", "recipient"])),
    )
    connection.exec_driver_sql(
        "INSERT INTO emergency_opening (person_id, issuer, subject, organisation, started, ended, reason) VALUES"
        " (%s, 'local', 'gp', 'M92001', now() - interval '1 hour', now() + interval '1 hour', 'unconscious')",
        (UUID(STRANGER),),
    )
    for person in (STRANGER, about.father):
        connection.exec_driver_sql(
            "INSERT INTO doubt (person_id, kind, source, said, issuer, subject, name, organisation, raised)"
            " VALUES (%s, 'not-theirs', '', 'x', 'local', 'gp', 'x', 'M92001', now())",
            (UUID(person),),
        )
    _alert(connection, STRANGER)
    connection.exec_driver_sql(
        "INSERT INTO waiting (message, partner, adapter, line, local_id, reason, disagrees, candidates, statement,"
        " state) SELECT message, 'WH100', 'housing-json', 1, 'hidden', 'not-enough', '{}', ARRAY[%s, %s], '{}', 'open'"
        " FROM entry ORDER BY entry.id LIMIT 1",
        (UUID(STRANGER), UUID(about.father)),
    )


def _alert(connection: Connection, person: str) -> None:
    """That is looked into, which those who are shown what was looked at are not told."""
    connection.exec_driver_sql(
        "INSERT INTO privacy_alert"
        " (id, kind, fact, person_id, issuer, subject, organisation, raised, review_due, state)"
        " VALUES (%s, 'self', 'x', %s, 'local', 'acute-clinician', 'RL4', now(), now(), 'looked-into')",
        (UUID(ALERT) if person == STRANGER else uuid4(), UUID(person)),
    )


def _relationship(connection: Connection, person: str, organisation: str) -> None:
    connection.exec_driver_sql(
        "INSERT INTO relationship (person_id, partner, key, message, kind, organisation, team, started)"
        " VALUES (%s, %s, %s, 1, 'referral', %s, 'of others', '2026-01-01')",
        (UUID(person), organisation, f"hidden/{person}", organisation),
    )


def _deeds(about: Known, chance: Random) -> Iterator[Event]:
    """What others did, which neither they whom it is about nor other partners are told."""
    father = UUID(about.father)
    yield _deed(Kind.VIEW, "social-worker", "LA508", "safeguarding", "LA508/safeguarding/restricted", person=father)
    yield _deed(Kind.DENIED, "social-worker", "LA508", "safeguarding", person=father)
    for _ in range(chance.randint(1, 3)):
        yield _deed(Kind.VIEW, "gp", "M92001", "direct-care", "RL4/problems/sealed", person=father)
    yield _deed(Kind.VIEW, "acute-clinician", "RL4", "direct-care", "RL4/problems/normal", person=father)


def _looks_at_the_stranger(chance: Random) -> Iterator[Event]:
    for _ in range(chance.randint(1, 3)):
        seen = "RL4/problems/normal"
        yield _deed(Kind.VIEW, "acute-clinician", "RL4", "direct-care", seen, person=UUID(STRANGER))


def _deed(kind: Kind, subject: str, organisation: str, purpose: str, *labels: str, person: UUID) -> Event:
    return Event(
        kind=kind, id=uuid4(), at=datetime.now(UTC), actor=Account("local", subject), role=Role("social-worker"),
        organisation=OdsCode(organisation), purpose=Purpose(purpose),
        permitted={"wulfrun/G": list(labels)} if labels else {}, person=person,
    )  # fmt: skip
