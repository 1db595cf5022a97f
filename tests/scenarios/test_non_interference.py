"""Two worlds that differ only in what a viewer may not know answer that viewer alike, byte by byte, on every route.

What differs is made up anew at each run: entries that no agreement lets anyone see, with former versions and documents
of theirs, sealed versions of entries that are seen, what others have to do with the person, and people with whom the
viewer has nothing to do. Every route is taken from the application's own table: a new one that is not asked here fails
until it is, or is named with a reason.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import pytest
from hypothesis import Phase, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from app.callers import CalledBy
from app.database import transaction
from app.record.label_numbers import label_number
from app.settings import Settings
from app.vocabulary.category import CATEGORIES, Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from tests.identity.test_every_route import all_routes, statements
from tests.scenarios.conftest import As

FATHER = "999 000 0018"
NUMBER = 77  # of a hidden entry in one world, and nobody's in the other
NOBODY = "01234567-89ab-4def-8123-456789abcdef"
STRANGER = UUID("00000000-0000-4000-8000-00000000aaaa")
OTHERS = ("RRE", "WH100")  # who may have to do with the person beside the viewer

FHIR_KINDS = ("Patient", "Condition", "MedicationStatement", "DocumentReference", "Encounter", "Observation")
FILLED: dict[str, tuple[str, ...]] = {
    "number": (str(NUMBER),),
    "id": (str(NUMBER), NOBODY),
    "kind": FHIR_KINDS,
    "category": ("problems", "documents"),
    "version": ("1",),
    "part": ("support",),
    "things": ("meetings",),
    "name": ("pisano.css",),
    "isa": ("wulfrun",),
    "event": ("accept",),
    **dict.fromkeys(
        (
            "action_id",
            "entry_id",
            "item_id",
            "link",
            "meeting_id",
            "referral_id",
            "alert_id",
            "invitation_id",
            "study_id",
        ),
        (NOBODY,),
    ),
}
"""With what a route's path is filled, beside whose record it is; of teams' own things, with what is not there."""

ASKED_WITH: dict[str, tuple[dict[str, str], ...]] = {
    "/fhir/R4/{kind}": ({}, {"_summary": "count"}, {"_sort": "-_lastUpdated", "_count": "2"}, {"_id": str(NUMBER)}),
    "/case-finding/list": ({"segment": "frailty"},),
}

READS: dict[str, Any] = {
    "/api/persons/lookup": {"json": {"nhs_number": FATHER}},
    "/api/persons/search": {"json": {"family_name": "{family}", "birth_date": "{born}"}},
    "/find": {"data": {"nhs_number": FATHER}},
    "/fhir/R4/Patient/_search": {"data": {"family": "{family}", "birthdate": "{born}"}},
    "/fhir/R4/Patient/$match": {
        "json": {
            "resourceType": "Parameters",
            "parameter": [
                {
                    "name": "resource",
                    "resource": {"resourceType": "Patient", "name": [{"family": "{family}"}], "birthDate": "{born}"},
                }
            ],
        }
    },
    "/fhir/R4/{kind}/_search": {"data": {"patient": "{person}"}},
}
"""What is read by POST, as whom it is about may stand in no address."""

NOT_ASKED: dict[str, str] = {
    r"GET /(sign-in|session|static|health|oauth2).*": "tells of whoever signs in, or of nothing",
    r"GET /metrics": "figures of the process, on a network of its own, for no viewer",
    r"POST /(sign-in|sign-out|session|oauth2|own).*": "signs in and out",
    r"(POST|PUT) /api/(mdt|care-plans|alerts|special-records)(/.*)?": "writes, and answers with that",
    r"POST /api/persons/.*(emergency-access|relationships|objections).*": "writes, and answers with what it made",
    r"POST /(access-requests|actions|caseload|data-quality|emergency-access|kept|meetings|openings|oversight)(/.*)?": (
        "writes, or asks the trail, which this viewer may not"
    ),
    r"POST /(people|referrals|relationship|impact)(/.*)?": "writes, and leads back to a page that is asked here",
    r"(POST|PUT|DELETE) /fhir/R4(/(\{kind\}(/\{id\}|/\$validate)?|Bundle/\$validate|Task/.*|Subscription.*)?)?": (
        "a partner's system states what it knows itself"
    ),
}
"""Which routes are not asked, by a pattern of method and path, and why."""

VOLATILE: dict[str, bytes] = {
    "names of what is made for one answer": rb"urn:uuid:[-0-9a-f]{36}",
    "cursors, sealed anew each time": rb"_cursor=[^&\"]+",
    "instants of the answer itself": rb'"(timestamp|asked_at|at|date)":"[^"]*"',
    "what keeps a form to its page": rb'name="form_token" value="[^"]*"',
    "when a paper was made": rb"(/CreationDate|/ModDate|/ID|<xmp:(Create|Modify)Date>|<xmpMM:[A-Za-z]+>)[^\n]{0,200}",
}


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    parameters: dict[str, str]
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.parameters}"


class Hidden(NamedTuple):
    """One entry that nobody may see."""

    label: Label
    started: date | None
    former: int
    document: bool


SEALED = (Sensitivity.SEALED, Sensitivity.BARRED)
HIDDEN = st.builds(
    Hidden,
    label=st.builds(
        Label, st.sampled_from((OdsCode("RL4"), OdsCode("RRE"))), st.sampled_from(CATEGORIES), st.sampled_from(SEALED)
    ),
    started=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    former=st.integers(min_value=0, max_value=3),
    document=st.booleans(),
)


def hide(connection: Connection, person: str, hidden: list[Hidden], *, family: str) -> None:
    """Make the other world: nothing in it is anything that the viewer may know."""
    for place, one in enumerate(hidden):
        differing = {
            "id": NUMBER + place,
            "key": f"hidden/{place}",
            "label": label_number(one.label),
            "partner": one.label.controller,
            "category": one.label.category,
            "sensitivity": one.label.sensitivity,
            "started": one.started and one.started.isoformat(),
            "stored_at": datetime.now(UTC).isoformat(),
        }
        for version in range(1, one.former + 1):
            _copy(connection, "entry_version", person, {**differing, "version": version})
        _copy(connection, "entry", person, {**differing, "version": one.former + 1})
        if one.document:
            held = "INSERT INTO attachment VALUES (%s, %s, 'text/plain', 'a letter that nobody may read')"
            connection.exec_driver_sql(held, (NUMBER + place, one.former + 1))
    sealed = label_number(Label(OdsCode("RL4"), Category("problems"), Sensitivity.SEALED))
    connection.exec_driver_sql(
        "INSERT INTO entry_version SELECT (jsonb_populate_record(e, jsonb_build_object("
        " 'version', 0, 'label', %s::int8, 'sensitivity', 'sealed', 'key', e.key || '/hidden'))).*"
        " FROM entry e WHERE person_id = %s AND resource_type = 'Condition'",
        (sealed, UUID(person)),
    )
    connection.exec_driver_sql("INSERT INTO person (id, created_at) VALUES (%s, now())", (STRANGER,))
    connection.exec_driver_sql(
        "INSERT INTO person_identity SELECT (jsonb_populate_record(i, jsonb_build_object("
        " 'person_id', %s::text, 'partner', 'WH100'))).* FROM person_identity i WHERE family_name = %s LIMIT 1",
        (str(STRANGER), family),
    )
    for organisation in OTHERS:
        connection.exec_driver_sql(
            "INSERT INTO relationship (person_id, partner, key, message, kind, organisation, started)"
            " VALUES (%s, %s, 'hidden', 1, 'referral', %s, '2026-01-01')",
            (UUID(person), organisation, organisation),
        )


def _copy(connection: Connection, table: str, person: str, differing: dict[str, Any]) -> None:
    connection.exec_driver_sql(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(e, %s::jsonb)).* FROM entry e"
        " WHERE person_id = %s AND resource_type = 'Condition' AND key NOT LIKE 'hidden%%' ORDER BY id LIMIT 1",
        (orjson.dumps(differing).decode(), UUID(person)),
    )


def unhide(connection: Connection) -> None:
    for statement in (
        "DELETE FROM attachment WHERE content = 'a letter that nobody may read'",
        "DELETE FROM entry WHERE key LIKE 'hidden%%'",
        "DELETE FROM entry_version WHERE key LIKE '%%hidden%%'",
        "DELETE FROM relationship WHERE key = 'hidden'",
        f"DELETE FROM person_identity WHERE person_id = '{STRANGER}'",
        f"DELETE FROM person WHERE id = '{STRANGER}'",
    ):
        connection.exec_driver_sql(statement)


@pytest.fixture(scope="module")
def routes(settings: Settings) -> list[tuple[str, str]]:
    """Method and path of every route that people may call; those of systems alone have tests of their own."""
    return sorted(
        {
            (method, path)
            for path, route in all_routes(settings)
            for method in {*(getattr(route, "methods", None) or ())} - {"HEAD", "OPTIONS"}
            if not (isinstance(statements(route)[0], CalledBy) and not statements(route)[0].people)  # type: ignore[union-attr]  # as was asked
        }
    )


def is_named(method: str, path: str) -> bool:
    return any(re.fullmatch(pattern, f"{method} {path}") for pattern in NOT_ASKED)


def test_every_route_is_asked_or_named_with_a_reason(routes: list[tuple[str, str]]) -> None:
    for method, path in routes:
        asked = path in READS if method == "POST" else method == "GET"
        if is_named(method, path):
            assert not (method == "POST" and path in READS), path
            continue
        assert asked, f"ask {method} {path} in both worlds, or say in NOT_ASKED why not"
        unknown = {name.partition(":")[0] for name in re.findall(r"\{([^}]*)\}", path)} - {*FILLED, "person_id"}
        assert not unknown, f"say in FILLED with what to fill {unknown} of {path}"


class Whole(NamedTuple):
    """The person as the viewer knows them."""

    person: str
    family: str
    born: str


def filled(template: Any, whole: Whole) -> Any:
    if isinstance(template, dict):
        return {name: filled(value, whole) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, whole) for value in template]
    return template.format(**whole._asdict()) if isinstance(template, str) else template


def requests(routes: list[tuple[str, str]], whole: Whole) -> Iterator[Asked]:
    for method, template in routes:
        if is_named(method, template):
            continue
        paths = [re.sub(r"\{person_id(:uuid)?\}", whole.person, template)]
        for name, values in FILLED.items():
            placed = re.compile(rf"\{{{name}(:\w+)?\}}")
            paths = [placed.sub(value, path) for path in paths for value in (values if placed.search(path) else ("",))]
        body = filled(READS.get(template, {}), whole)
        for path in paths:
            for parameters in ASKED_WITH.get(template, ({},)):
                about = {"patient": whole.person} if template == "/fhir/R4/{kind}" and "Patient" not in path else {}
                yield Asked(method, path, {**about, **parameters}, body)


Answer = tuple[int, dict[str, str], bytes]


def answers(who: As, asked: list[Asked]) -> dict[str, Answer]:
    told: dict[str, Answer] = {}
    for one in asked:
        given = who.client.request(
            one.method,
            one.path,
            params={"purpose": who.purpose, **one.parameters},
            headers={**who.headers, "accept-encoding": "identity"},  # else what is volatile changes lengths
            follow_redirects=False,
            **one.body,
        )
        assert given.status_code < 500, one
        content = given.content
        for pattern in VOLATILE.values():
            content = re.sub(pattern, b"", content)
        headers = {name: value for name, value in given.headers.items() if name not in ("date", "x-request-id")}
        told[str(one)] = given.status_code, headers, content
    return told


@pytest.fixture(scope="module")
def whole(asking: Callable[..., As], place: Engine) -> Whole:
    person = asking("nurse").lookup(FATHER).json()["id"]
    with place.connect() as connection:
        named = "SELECT family_name, birth_date FROM person_identity WHERE person_id = %s AND birth_date IS NOT NULL"
        family, born = connection.exec_driver_sql(named + " LIMIT 1", (UUID(person),)).one()
    return Whole(person, family, born.isoformat())


@pytest.fixture(scope="module", params=["nurse"])
def viewer(request: pytest.FixtureRequest, asking: Callable[..., As]) -> As:
    return asking(request.param)


def differing(one: Answer, other: Answer) -> str:
    """The first place where two answers part."""
    contents = one[2], other[2]
    place = next((n for n, (a, b) in enumerate(zip(*contents, strict=False)) if a != b), 0)
    return f"{one[:2]} {other[:2]} {[content[max(place - 60, 0) : place + 60] for content in contents]}"


class World:
    """What was asked of one world, and its answers; too much to be printed."""

    def __init__(self, who: As, asked: list[Asked]) -> None:
        self.asked, self.answers = asked, answers(who, asked)

    def parted_from(self, other: "World") -> dict[str, str]:
        """Which requests are answered otherwise in another world, and where that begins."""
        pairs = ((asked, answer, other.answers[asked]) for asked, answer in self.answers.items())
        return {asked: differing(one, another) for asked, one, another in pairs if one != another}


@pytest.fixture(scope="module")
def world(viewer: As, routes: list[tuple[str, str]], whole: Whole) -> World:
    asked = list(requests(routes, whole))
    answers(viewer, asked)  # what is kept of a first time, such as whom one looked at last, is kept now
    return World(viewer, asked)


def test_the_worlds_are_asked_of_what_there_is(world: World) -> None:
    assert sum(status == 200 for status, _, _ in world.answers.values()) > 60


@trying(max_examples=2, deadline=None, phases=[Phase.generate])
@given(hidden=st.lists(HIDDEN, min_size=1, max_size=4))
def test_what_is_hidden_changes_no_byte_of_any_answer(
    hidden: list[Hidden], viewer: As, place: Engine, whole: Whole, world: World
) -> None:
    def in_the_other(asked: list[Asked]) -> World:
        with transaction(place) as connection:
            hide(connection, whole.person, hidden, family=whole.family)
        try:
            return World(viewer, asked)
        finally:
            with transaction(place) as connection:
                unhide(connection)

    parted = world.parted_from(in_the_other(world.asked))
    if parted:  # some tell the minute, which passes; what tells of anything else does so again
        again = [asked for asked in world.asked if str(asked) in parted]
        parted = World(viewer, again).parted_from(in_the_other(again))
    assert parted == {}
