"""Two worlds that differ only in what a viewer may not know answer that viewer alike, byte by byte, on every route.

What differs is drawn by a seed: entries that no agreement lets anyone see, what others have to do with somebody,
strangers with flags, objections, openings, doubts and alerts, what others did, then another line of the same meeting
with its guest and its action, then what is ordinary to all but housing. Each viewer first tries to write to what is
hidden, which is there in one world and unknown in the other, and then reads everything. Every route is taken from the
application's own table: a new one that is not asked here fails until it is, or is named with a reason.
"""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from app.asking.callers import ByThemselves, CalledBy
from app.audit.keys import chain_key
from app.identity.tokens import issue, token_key
from app.mdt.steps import STEPS
from app.settings import Settings
from tests.conftest import clone, made_once
from tests.identity.people import PASSWORD
from tests.identity.systems import asking, claims, signed
from tests.identity.test_every_route import all_routes, statements
from tests.pages.convening import FATHER
from tests.scenarios.two_worlds import (
    NOBODY,
    NUMBER,
    Known,
    World,
    hide_from_all,
    hide_from_housing,
    hide_from_outside_the_team,
    known,
    opened,
    prepare,
)

SEEDS = range(1, 6) if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else (1,)
"""Of the worlds that are drawn: one wherever all is checked, several where one has the time."""

FHIR_KINDS = ("Patient", "Condition", "DocumentReference")
Json = dict[str, Any]
OF_A_TEAM = ("action_id", "entry_id", "item_id", "meeting_id", "referral_id", "invitation_id")
ID_OF = {
    "actions": "action_id", "caseload": "entry_id", "items": "item_id", "meetings": "meeting_id",
    "referrals": "referral_id", "invitations": "invitation_id", "case-studies": "study_id", "things": "item_id",
}  # fmt: skip
"""As which part of a path the `{id}` of the team's JSON is filled."""

ALWAYS: dict[str, tuple[str, ...]] = {
    "kind": FHIR_KINDS,
    "category": ("problems", "documents"),
    "version": ("1",),
    "part": ("support",),
    "things": ("items",),
    "name": ("pisano.css",),
    "isa": ("wulfrun",),
    "event": ("accept",),
    "decision": ("file",),
    "verdict": ("same",),
    "step": ("look-into",),
    "deed": ("note",),
    "number": (str(NUMBER), "1"),
    "study_id": (NOBODY,),
    "link": (NOBODY,),
    "alert_id": (NOBODY,),
}

ASKED_WITH: dict[str, tuple[dict[str, str], ...]] = {
    "/fhir/R4/{kind}": ({}, {"_summary": "count"}, {"_sort": "-_lastUpdated", "_count": "2"}, {"_id": str(NUMBER)}),
    "/case-finding/list": ({"segment": "frailty"},),
    **{f"/api/mdt/{things}": ({"locality": "northgate"},) for things in ("referrals", "caseload", "meetings")},
    "/api/mdt/actions": ({}, {"locality": "northgate"}),
}

OF_ONE_PERSON = ("/fhir/R4/{kind}", "/fhir/R4/Composition")

READS: dict[str, Any] = {
    "/api/persons/lookup": {"json": {"nhs_number": FATHER}},
    "/api/persons/search": {"json": {"family_name": "{family}", "birth_date": "{born}"}},
    "/find": {"data": {"nhs_number": FATHER}},
    "/oversight/trail": {"data": {"day": "{day}", "month": "{month}", "year": "{year}"}},
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
    "/fhir/R4/{kind}/_search": {"data": {"patient": "{father}"}},
}
"""What is read by POST, as whom it is about may stand in no address; each is asked of a stranger's number too."""

NOT_ASKED: dict[str, str] = {
    r"GET /(sign-in|session|static|health|oauth2).*": "tells of whoever signs in, or of nothing",
    r"GET /meetings/\{meeting_id\}/changes": "goes on for as long as somebody looks; `test_following` asks it",
    r"GET /(agreements.*|glossary|help|openapi.json|fhir/R4/metadata|.*smart-configuration)?": (
        "says the same to everyone, of nobody"
    ),
    r"GET /metrics": "figures of the process, on a network of its own, for no viewer",
    r"POST /(sign-in|sign-out|session|oauth2|own).*": "signs in and out",
    r"POST (/api/mdt/(meetings|reminders)|/actions/remind|/data-quality/merges/compare|/impact/case-studies/new)": (
        "is about nobody, or asks a data manager's question"
    ),
    r"POST /fhir/R4(/(\{kind\}(/\$validate)?|Bundle/\$validate|Subscription)?)?": "a system states what it knows",
    r"(PUT|DELETE) /fhir/R4/(\{kind\}(/\{id\})?|Subscription/\{id\})": (
        "a system states what it knows; `test_ids_are_given_here_and_an_unknown_one_is_as_anothers` asks for others'"
    ),
    r"GET /fhir/R4/AuditEvent": "what an organisation's own staff did, which grows by being asked",
}
"""Which routes are not asked, by a pattern of method and path, and why."""

VOLATILE: dict[str, bytes] = {
    "names of what is made for one answer": rb"urn:uuid:[-0-9a-f]{36}",
    "cursors, sealed anew each time": rb"_cursor=[^&\"]+",
    "instants of the answer itself": rb'"(timestamp|asked_at|at|date)":"[^"]*"',
    "what keeps a form to its page": rb'name="(form_token|csrf)" value="[^"]*"',
    "when a paper was made": rb"(/CreationDate|/ModDate|/ID|<xmp:(Create|Modify)Date>|<xmpMM:[A-Za-z]+>)[^\n]{0,200}",
    "when a diary's file was made": rb"DTSTAMP:[0-9TZ]+",
    "until when a page of the trail tells": rb'name="after" value="[-0-9T:.+]+',
    "how long somebody is discussed": rb'data-seconds="[0-9]+"',
    "what names an action that is not written yet": rb'name="action.id" value="[-0-9a-f]{36}"',
    "of whom a lead's own staff asked and were refused, which is for the lead to know": (
        rb'<span class="pisano-line__source">Person 00000000</span>'
    ),
}

UNLIKE = ("date", "x-request-id", "content-length")
"""Headings that differ each time; of what length an answer is, its bytes tell."""

VIEWERS = {
    "walter": "",
    "nurse": "direct-care",
    "housing-lead": "access-review",
    "system": "direct-care",
    "hospice-nurse": "mdt",
    "housing-officer": "tenancy-support",
}
"""Each with what for, in the order in which more is hidden from them; what the others try is told to Walter."""

MORE_IS_HIDDEN = {"hospice-nurse": hide_from_outside_the_team, "housing-officer": hide_from_housing}


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    parameters: dict[str, str]
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.parameters} {sorted(self.body)}"


class Way(NamedTuple):
    """One method of one route, and the kind of caller whom it is for."""

    method: str
    path: str
    people: bool
    system: bool
    themselves: bool


@pytest.fixture(scope="module")
def ways(settings: Settings) -> list[Way]:
    return sorted(
        {
            Way(
                method,
                path,
                not isinstance(said, CalledBy) or said.people,
                isinstance(said, CalledBy) and said.system is not None,
                isinstance(said, ByThemselves),
            )
            for path, route in all_routes(settings)
            for said in statements(route)
            for method in {*(getattr(route, "methods", None) or ())} - {"HEAD", "OPTIONS"}
        }
    )


def is_named(way: Way) -> bool:
    return any(re.fullmatch(pattern, f"{way.method} {way.path}") for pattern in NOT_ASKED)


def parts_of(path: str) -> list[str]:
    return [name.partition(":")[0] for name in re.findall(r"\{([^}]*)\}", path)]


def test_every_route_is_asked_or_named_with_a_reason(ways: list[Way]) -> None:
    for way in ways:
        if is_named(way):
            assert way.path not in READS or way.method != "POST", way.path
            continue
        unknown = {*parts_of(way.path)} - {*ALWAYS, *OF_A_TEAM, "person_id", "id"}
        assert not unknown, f"say in ALWAYS with what to fill {unknown} of {way.path}"
        about = parts_of(way.path) or way.path in READS or way.path in BODIES
        assert way.method == "GET" or about, f"say in READS or BODIES what {way.method} {way.path} is asked of"


def plausible(schema: Json, about: dict[str, str], whole: Json | None = None, name: str = "") -> Any:
    """What a form of this schema could hold, about what is hidden."""
    whole = whole or schema
    if "$ref" in schema:
        return plausible(whole["$defs"][schema["$ref"].rpartition("/")[2]], about, whole, name)
    if name in about:
        return about[name]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return plausible(schema["anyOf"][0], about, whole, name)
    if schema.get("type") == "object":
        parts: dict[str, Any] = schema.get("properties", {})
        return {each: plausible(parts[each], about, whole, each) for each in schema.get("required", ())}
    if schema.get("type") == "array":
        return [plausible(schema.get("items", {}), about, whole, name.removesuffix("s") + "_id")]
    plain = {"integer": 1, "boolean": True, "number": 1.0}
    return plain.get(str(schema.get("type")), "2099-01-01" if schema.get("format") == "date" else "words")


FORMS = {f"/api/mdt/{one.things}" + ("" if one.makes else f"/{{id}}/{one.event}"): one.form for one in STEPS}
BODIES: dict[str, Any] = {
    **{path: form.model_json_schema() for path, form in FORMS.items()},
    "/api/persons/emergency-access": {"reason": "unconscious", "details": "He fell and nobody answers"},
    "/api/persons/relationships": {"kind": "claimed", "by": "self", "evidence": "I shall take over from the ward"},
    "/api/special-records": {"kind": "sealed", "reason": "The family asked for it"},
    "/oversight/special-records": {},
    "/emergency-access": {},
    "/emergency-access/whom": {},
    "/relationship": {},
    "/relationship/whom": {},
    "/access-requests": {},
    "/oversight/why": {},
}
"""What writes without naming in its path whom it is about."""

TYPED = {
    "version": "1", "reason": "unconscious", "details": "He fell", "kind": "x", "evidence": "I take over from the ward",
    "scope": "all", "said": "It is not theirs", "user": "acute-clinician", "category": "problems", "remark": "x",
}  # fmt: skip
"""What stands in the fields of any page's form."""


def fields(path: str, hidden: dict[str, str]) -> dict[str, Any]:
    """What is sent to a route that writes."""
    if path in FORMS:
        return {"json": plausible(BODIES[path], hidden)}
    if path.startswith("/api/"):
        return {"json": {**BODIES.get(path, {"reason": "words", "version": 1, "step": "look-into"}), **hidden}}
    if path.startswith("/fhir/"):
        return {"content": b"{}", "headers": {"content-type": "application/fhir+json"}}
    return {"data": {**TYPED, **hidden}}


def spelled(template: Any, about: Known) -> Any:
    today = datetime.now(UTC).date()
    said = {"family": about.family, "born": about.born, "father": about.father}
    said |= {"day": str(today.day), "month": str(today.month), "year": str(today.year)}
    if isinstance(template, dict):
        return {name: spelled(value, about) for name, value in template.items()}
    if isinstance(template, list):
        return [spelled(value, about) for value in template]
    return template.format(**said) if isinstance(template, str) else template


def paths(template: str, about: Known, *, own: bool) -> Iterator[str]:
    """The addresses of a route: of what is the viewers' own, where that is asked, and of what is hidden."""
    things = (template.removeprefix("/api/mdt/").partition("/")[0]).strip("{}")
    as_named = re.sub(r"\{id\}", f"{{{ID_OF.get(things, 'id')}}}", template) if "/api/mdt/" in template else template
    filled = [as_named]
    for name in dict.fromkeys(parts_of(as_named)):
        hidden = about.hidden.get(name, NOBODY)
        values = {
            "person_id": (about.father, hidden),
            "id": (str(NUMBER), hidden),
            **{each: (about.own[each], about.hidden.get(each, NOBODY)) for each in OF_A_TEAM},
        }.get(name, ALWAYS.get(name, ()))
        if not own and name in ("person_id", "id", *OF_A_TEAM):
            values = values[-1:]
        placed = re.compile(rf"\{{{name}(:\w+)?\}}")
        filled = [placed.sub(value, path) for path in filled for value in values]
    yield from filled


def writes(ways: list[Way], about: Known) -> Iterator[Asked]:
    """Everything that writes, asked of what is there in one world alone."""
    hidden = {"person_id": NOBODY, "meeting_id": NOBODY, "caseload_id": NOBODY, **about.hidden}
    for way in ways:
        if way.method != "GET" and way.path not in READS and not is_named(way):
            for path in paths(way.path, about, own=False):
                yield Asked(way.method, path, {}, fields(way.path, hidden))


def reads(ways: list[Way], about: Known) -> Iterator[Asked]:
    """Everything that reads, of what there is and of what is hidden."""
    for way in ways:
        if is_named(way) or (way.method != "GET" and way.path not in READS):
            continue
        body = spelled(READS.get(way.path, {}), about)
        for path in paths(way.path, about, own=True):
            for parameters in ASKED_WITH.get(way.path, ({},)):
                of_whom = {"patient": about.father} if way.path in OF_ONE_PERSON and "Patient" not in path else {}
                yield Asked(way.method, path, {**of_whom, **parameters}, body)
        if "nhs_number" in str(body) and "nhs_number" in about.hidden:
            of_a_stranger = {kind: {"nhs_number": about.hidden["nhs_number"]} for kind in body}
            yield Asked(way.method, way.path, {}, of_a_stranger)


LEAST_SEEN = {
    "walter": 2, "nurse": 60, "housing-lead": 15, "system": 12, "hospice-nurse": 35, "housing-officer": 25,
}  # fmt: skip
"""How many answers tell each viewer something in either world, at least: or nothing would be compared."""

Answer = tuple[int, dict[str, str], bytes]


def answer(world: World, one: Asked, headers: dict[str, str], purpose: str) -> Answer:
    """What a viewer is told, without what differs each time that anybody asks."""
    world.client.cookies.clear()
    body = {**one.body}
    given = world.client.request(
        one.method,
        one.path,
        params={"purpose": purpose, **one.parameters} if purpose else one.parameters,
        headers={**headers, **body.pop("headers", {}), "accept-encoding": "identity"},
        follow_redirects=False,
        **body,
    )
    assert given.status_code < 500, (one, given.text)
    content = given.content
    for pattern in VOLATILE.values():
        content = re.sub(pattern, b"", content)
    told = {name: value for name, value in given.headers.items() if name not in UNLIKE}
    return given.status_code, told, content


def signed_in(world: World, viewer: str) -> dict[str, str]:
    """By what a viewer is known in a world."""
    world.client.cookies.clear()
    if viewer == "walter":
        form = {"username": viewer, "password": PASSWORD}
        world.client.post("/sign-in", data=form, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
        return {"cookie": "; ".join(f"{name}={value}" for name, value in world.client.cookies.items())}
    if viewer == "system":
        given = world.client.post("/oauth2/token", data=asking(signed(claims()), "system/*.cruds"))
        return {"authorization": f"Bearer {given.json()['access_token']}"}
    token = issue(token_key(world.settings), viewer, role=None, at=datetime.now(UTC))
    return {"authorization": f"Bearer {token}"}


class Pair(NamedTuple):
    """Two worlds: what there is, and the same with more that is hidden."""

    one: World
    other: World
    about: Known
    chance: Random


@pytest.fixture(scope="module", params=SEEDS)
def pair(
    request: pytest.FixtureRequest, server_url: str, filled: str, settings: Settings, shared: Path
) -> Iterator[Pair]:
    run = sha256(bytes(shared)).hexdigest()[:16]
    prepared = made_once(server_url, f"pisano_worlds_{run}", lambda url: prepare(url, settings), like=filled)
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(opened(stack.enter_context(clone(server_url, prepared)), settings)) for _ in range(2)
        )
        both = Pair(one, other, known(one), Random(request.param))
        hide_from_all(other, both.about, both.chance, chain_key(settings))
        yield both


def differing(one: Answer, other: Answer) -> str:
    """The first place where two answers part."""
    contents = one[2], other[2]
    place = next((n for n, (a, b) in enumerate(zip(*contents, strict=False)) if a != b), min(map(len, contents)))
    headers = sorted(set(one[1].items()) ^ set(other[1].items()))
    return f"{one[0]} {other[0]} {headers} {[content[max(place - 60, 0) : place + 90] for content in contents]}"


@pytest.mark.parametrize("viewer", VIEWERS)
def test_what_is_hidden_changes_no_byte_of_any_answer(viewer: str, pair: Pair, ways: list[Way]) -> None:
    if viewer in MORE_IS_HIDDEN:
        MORE_IS_HIDDEN[viewer](pair.other, pair.about, pair.chance)
    for_them = [
        way
        for way in ways
        if (way.system if viewer == "system" else way.themselves if viewer == "walter" else way.people)
    ]
    asked = [*writes(for_them, pair.about), *reads(for_them, pair.about)]
    asking_by = [(world, signed_in(world, viewer)) for world in (pair.one, pair.other)]
    parted: dict[str, str] = {}
    seen = 0
    for _ in range(2):  # some tell the minute, which passes; what tells of anything else does so again
        parted.clear()
        remaining = []
        for one in asked:
            told = [answer(world, one, headers, VIEWERS[viewer]) for world, headers in asking_by]
            seen += told[0][0] == 200
            if told[0] != told[1]:
                remaining.append(one)
                parted[str(one)] = differing(*told)
        asked = remaining
    assert not parted, "\n".join(f"{asked}: {where}" for asked, where in parted.items())
    assert seen >= LEAST_SEEN[viewer]
