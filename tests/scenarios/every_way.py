"""Every way there is to ask the service: each route of its own table, of what is the viewers' own and what is hidden.

A route that is not asked is named with a reason; of a new one it must be said here what its path is filled with.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from app.asking.callers import ByThemselves, CalledBy
from app.mdt.as_fhir.elements import SOURCE
from app.mdt.as_fhir.measures import MEASURE_ID
from app.mdt.steps.table import STEPS
from app.settings import Settings
from tests.identity.test_every_route import all_routes, statements
from tests.pages.convening import FATHER
from tests.scenarios.two_worlds import NOBODY, NUMBER, Known

Json = dict[str, Any]
OF_A_TEAM = ("action_id", "entry_id", "item_id", "meeting_id", "referral_id", "invitation_id")
ID_OF = {
    "actions": "action_id", "caseload": "entry_id", "items": "item_id", "meetings": "meeting_id",
    "referrals": "referral_id", "invitations": "invitation_id", "case-studies": "study_id", "things": "item_id",
}  # fmt: skip
"""As which part of a path the `{id}` of the team's JSON is filled."""

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
OF_A_RECORD = ("Patient", "Condition", "DocumentReference")
AS_FHIR = {
    "ServiceRequest": "{referral_id}", "QuestionnaireResponse": "{referral_id}.1", "Consent": "{referral_id}.1",
    "Task": "triage-{referral_id}", "EpisodeOfCare": "{entry_id}", "CareTeam": "team-{entry_id}",
    "Encounter": "{item_id}", "CarePlan": "decision-{item_id}", "Composition": "{item_id}",
    "Appointment": "{meeting_id}", "List": "agenda-{meeting_id}", "Flag": "flag-{entry_id}", "Goal": "{entry_id}.0",
    "RequestGroup": "{item_id}.1", "DocumentReference": "pack-{item_id}", "Observation": "lace-{item_id}",
    "Provenance": "{entry_id}.1", "Communication": "{action_id}.0",
}  # fmt: skip
"""By which id each type of a team's work is read."""

ALWAYS: dict[str, tuple[str, ...]] = {
    "kind": OF_A_RECORD,
    "category": ("problems", "documents"),
    "version": ("1", "0"),
    "part": ("support",),
    "name": ("pisano.css",),
    "isa": ("wulfrun",),
    "event": ("accept", "complete"),
    "decision": ("this-one", "nobody"),
    "verdict": ("join",),
    "step": ("look-into",),
    "deed": ("begin", "action"),
    "study_id": (NOBODY,),
    "link": (NOBODY,),
    "alert_id": (NOBODY,),
    "message": ("1", "99999999"),
}
INSTEAD: dict[str, dict[str, tuple[str, ...]]] = {
    "/caseload/": {"event": ("step-down", "plan-review")},
    "/impact/case-studies/": {"event": ("permit",)},
    "/meetings/{meeting_id}/agenda/": {"event": ("carry-over",)},
    "/meetings/{meeting_id}/minutes/": {"event": ("sign",)},
    "/oversight/special-records/": {"kind": ("sealed",), "step": ("raise", "lift")},
    "/people/{person_id}/objections/": {"step": ("uphold",)},
    "/fhir/R4/Measure/": {"id": (MEASURE_ID,)},
    "/fhir/R4/MeasureReport/": {"id": ("northgate.{month}",)},
    "/fhir/R4/Subscription/": {"id": (NOBODY,)},
}
"""What a part of a path is where the path begins so."""

OF_ONE_PERSON = ("/fhir/R4/{kind}", "/fhir/R4/Task")
ASKED_WITH: dict[str, tuple[Json, ...]] = {
    "/fhir/R4/{kind}": (
        {},
        {"_summary": "count"},
        {"_sort": "-_lastUpdated", "_count": "2"},
        {"_id": str(NUMBER)},
        {"_include": "*", "_total": "accurate", "_count": "2"},
        {"_include": "Condition:encounter", "_elements": "code,subject,encounter", "_sort": "code,-date"},
        {"_lastUpdated": "ge{day_before}", "_total": "accurate", "_count": "0"},
        {"_lastUpdated": "lt{day_before}", "identifier": "https://x|1", "_format": "json", "_pretty": "true"},
        {"status": "active,current", "category:missing": "true", "date": "ge2020", "_summary": "text"},
        {
            "clinical-status:not": "active",
            "onset-date": "ge2020",
            "recorded-date:missing": "true",
            "_total": "accurate",
        },
        {"code": "http://snomed.info/sct|", "verification-status": "confirmed", "_sort": "recorded-date,_id"},
        {"type:missing": "false", "period": "lt2030", "_sort": "-period,type"},
        {"family": "{family}", "birthdate": "{born}", "gender": "male", "_total": "accurate"},
        {"name": "{family}", "given": "a", "birthdate": "{born}", "address-postalcode": "W", "_summary": "count"},
    ),
    "/fhir/R4/{kind}/{id}": ({}, {"_elements": "code,subject"}, {"_summary": "true"}),
    "/fhir/R4/Patient/{person_id}/$everything": (
        {},
        {"_type": "Condition,DocumentReference", "_count": "2"},
        {"_since": "{day_before}", "start": "2020-01-01", "end": "2029-12-31", "_elements": "code,subject"},
        {"_summary": "true", "_count": "50"},
    ),
    "/fhir/R4/MeasureReport": ({"period": "{month}"},),
    "/fhir/R4/AuditEvent": ({"date": "ge{month}"}, {"patient": "{father}"}, {"patient": "{hidden}"}),
    "/fhir/R4/{kind}/_history": ({"_count": "2"}, {"_since": "{day_before}"}),
    "/fhir/R4/{kind}/{id}/_history": ({}, {"_since": "{day_before}", "_count": "1"}),
    "/case-finding/list": ({"segment": "frailty"},),
    **{f"/api/mdt/{things}": ({"locality": "northgate"},) for things in ("referrals", "caseload", "meetings")},
    "/api/mdt/actions": ({}, {"locality": "northgate"}),
}

READS: dict[str, Any] = {
    "/api/persons/lookup": {"json": {"nhs_number": FATHER}},
    "/api/persons/search": {"json": {"family_name": "{family}", "birth_date": "{born}"}},
    "/find": {"data": {"nhs_number": FATHER}},
    "/oversight/trail": {"data": {"day": "{day}", "month": "{the_month}", "year": "{year}"}},
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
    r"(POST|PUT|DELETE) /fhir/R4(/(\{kind\}|Subscription)?)?": "a system states what it knows, of whomever",
}
"""Which routes are not asked, by a pattern of method and path, and why."""


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    parameters: Json
    body: Json

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.parameters} {sorted(self.body)}"


class Way(NamedTuple):
    """One method of one route, and the kinds of caller whom it is for."""

    method: str
    path: str
    people: bool
    system: bool
    themselves: bool

    @property
    def writes(self) -> bool:
        return self.method != "GET" and self.path not in READS


def ways_of(settings: Settings) -> list[Way]:
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
    "/fhir/R4/Bundle/$validate": {},
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


def stated(path: str, hidden: dict[str, str]) -> Json:
    """What a system states of somebody who is hidden: by their NHS number, and what it would change of them."""
    number = hidden.get("nhs_number", "9990099901")
    about = {"type": "Patient", "identifier": {"system": NHS_NUMBER, "value": number}}
    kind = path.split("/")[3]
    one: Json = {"resourceType": kind if kind in OF_A_RECORD else "Condition", "id": str(NUMBER)}
    if one["resourceType"] == "Patient":
        one |= {"identifier": [about["identifier"]]}
    else:
        one |= {"subject": about, "code": {"text": "Stroke"}, "identifier": [{"system": "https://x", "value": "1"}]}
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one}]} if kind == "Bundle" else one


def fields(template: str, path: str, hidden: dict[str, str]) -> Json:
    """What is sent to a route that writes."""
    if template in FORMS:
        return {"json": plausible(BODIES[template], hidden)}
    if path.startswith("/api/"):
        return {"json": {**BODIES.get(template, {"reason": "words", "version": 1, "step": "look-into"}), **hidden}}
    if path.startswith("/fhir/"):
        return {"json": stated(path, hidden), "headers": {"content-type": "application/fhir+json"}}
    return {"data": {**TYPED, **hidden}}


def spelled(template: Any, said: dict[str, str]) -> Any:
    if isinstance(template, dict):
        return {name: spelled(value, said) for name, value in template.items()}
    if isinstance(template, list):
        return [spelled(value, said) for value in template]
    return template.format(**said) if isinstance(template, str) else template


def words_of(about: Known) -> dict[str, str]:
    today = datetime.now(UTC).date()
    before = {"day_before": str(today - timedelta(days=1))}
    said = before | {"family": about.family, "born": about.born, "father": about.father, "month": f"{today:%Y-%m}"}
    said["hidden"] = about.hidden.get("person_id", NOBODY)
    return said | {"day": str(today.day), "the_month": str(today.month), "year": str(today.year)}


def values_of(name: str, about: Known) -> Sequence[str]:
    """What is the viewers' own, where there is such a thing, and last what is hidden."""
    hidden = about.hidden.get(name, NOBODY)
    if name in OF_A_TEAM:
        return (about.own[name], hidden)
    if name == "person_id":
        return (about.father, hidden)
    if name in ("id", "number"):
        return (about.own["condition"], str(NUMBER))
    return ALWAYS.get(name, ())


def paths(template: str, about: Known, *, own: bool) -> Iterator[str]:
    """The addresses of a route: of what is the viewers' own, where that is asked, and of what is hidden."""
    things = (template.removeprefix("/api/mdt/").partition("/")[0]).strip("{}")
    if template.startswith("/api/mdt/{things}"):
        for each in ("actions", "caseload", "items", "meetings", "referrals", "invitations"):
            yield from paths(template.replace("{things}", each), about, own=own)
        return
    as_named = re.sub(r"\{id\}", f"{{{ID_OF.get(things, 'id')}}}", template) if "/api/mdt/" in template else template
    filled = [as_named]
    instead = next((parts for begins, parts in INSTEAD.items() if template.startswith(begins)), {})
    for name in dict.fromkeys(parts_of(as_named)):
        values = instead.get(name) or values_of(name, about)
        if not own and name in ("person_id", "id", *OF_A_TEAM):
            values = values[-1:]
        placed = re.compile(rf"\{{{name}(:\w+)?\}}")
        filled = [placed.sub(value, path) for path in filled for value in values]
    both = [about.own, {**about.own, **dict.fromkeys(OF_A_TEAM, NOBODY), **about.hidden}]
    said = words_of(about)
    yield from dict.fromkeys(path.format(**said, **ids) for path in filled for ids in (both if own else both[1:]))


def writes(ways: list[Way], about: Known) -> Iterator[Asked]:
    """Everything that writes, asked of what is there in one world alone."""
    hidden = {"person_id": NOBODY, "meeting_id": NOBODY, "caseload_id": NOBODY, **about.hidden}
    for way in ways:
        if way.writes and not is_named(way):
            for path in paths(way.path, about, own=False):
                yield Asked(way.method, path, {}, fields(way.path, path, hidden))


def reads(ways: list[Way], about: Known) -> Iterator[Asked]:
    """Everything that reads, of what there is and of what is hidden."""
    said = words_of(about)
    for way in ways:
        if is_named(way) or way.writes:
            continue
        body = spelled(READS.get(way.path, {}), said)
        for path in paths(way.path, about, own=True):
            for parameters in spelled([*ASKED_WITH.get(way.path, ({},))], said):
                of_whom = {"patient": about.father} if way.path in OF_ONE_PERSON and "Patient" not in path else {}
                yield Asked(way.method, path, {**of_whom, **parameters}, body)
        if "nhs_number" in str(body) and "nhs_number" in about.hidden:
            of_a_stranger = {kind: {"nhs_number": about.hidden["nhs_number"]} for kind in body}
            yield Asked(way.method, way.path, {}, of_a_stranger)
        if way.path == "/fhir/R4/{kind}":
            yield from by_their_own_ids(about)


def by_their_own_ids(about: Known) -> Iterator[Asked]:
    """At the FHIR door: people, and a team's work of each type by its id and by whom it is about."""
    hidden = {**dict.fromkeys(OF_A_TEAM, NOBODY), **about.hidden}
    for person in (about.father, about.hidden.get("person_id", NOBODY)):
        for rest in ("", "/_history", "/_history/1"):
            yield Asked("GET", f"/fhir/R4/Patient/{person}{rest}", {}, {})
    for kind, id in AS_FHIR.items():
        for ids in (about.own, hidden):
            yield Asked("GET", f"/fhir/R4/{kind}/{id.format(**ids)}", {}, {})
        for person in (about.father, about.hidden.get("caseload_person", NOBODY)):
            yield Asked("GET", f"/fhir/R4/{kind}", {"patient": person, "_source": SOURCE}, {})
