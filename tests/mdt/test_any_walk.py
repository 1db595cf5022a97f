"""Whatever is sent to a team's steps, in whatever state its things are: a described answer, and what the tables allow.

A walk begins somewhere along the way from a referral to signed minutes, and goes on with any step by anybody, filled in
rightly or wrongly, of things that are there, that are another's kind or that nobody knows. `WALKS=200` walks as often,
each time others; without it a few walks are the same each time.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from app.identity.tokens import issue, token_key
from app.main import create_app
from app.mdt.steps.table import STEPS, Step
from app.mdt.workflow.lifecycles.tables import LIFECYCLES
from app.settings import Settings
from app.vocabulary.london import london_date
from tests.mdt.conftest import FATHER, NEIGHBOUR, SON, Wulfrun, referral
from tests.scenarios.every_way import plausible
from tests.scenarios.in_process import InProcess, Told, running

WALKS = int(os.environ.get("WALKS", "0"))
STAFF = ("chair", "nurse", "coordinator", "social-worker", "housing-officer", "hospice-nurse", "acute-clinician")
TABLES = {
    "referrals": "referral", "caseload": "caseload", "meetings": "meeting", "items": "agenda_item",
    "invitations": "invitation", "actions": "action", "case-studies": "case_study",
}  # fmt: skip
WAY: tuple[tuple[str, str, str], ...] = (
    ("nurse", "referrals", "new"), ("chair", "referrals", "accept"), ("coordinator", "meetings", "new"),
    ("chair", "items", "new"), ("coordinator", "invitations", "new"), ("housing-officer", "invitations", "accept"),
    ("chair", "meetings", "lock"), ("chair", "arrivals", "new"), ("nurse", "arrivals", "new"),
    ("chair", "meetings", "start"), ("chair", "items", "begin"), ("nurse", "items", "note"),
    ("chair", "actions", "new"), ("nurse", "actions", "accept"), ("chair", "items", "conclude"),
    ("chair", "meetings", "close"), ("chair", "meetings", "draft-minutes"), ("chair", "meetings", "sign"),
    ("nurse", "actions", "complete"),
)  # fmt: skip
"""How an evening goes that goes well."""

NOBODY = "01234567-89ab-4def-8123-456789abcdef"
NURSE = {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"}
WRONG: tuple[Any, ...] = (
    None, "", " ", 0, -1, 10**30, 1.5, True, [], {}, [None], NOBODY, "x" * 5000, "\x00", "\ud800", "2026-02-30",
    "9999-12-31", "0001-01-01", "9999-12-31T23:59:59.999999-14:00", "<script>", [NOBODY] * 200,
)  # fmt: skip
ROWS = "SELECT count(*) FROM mdt_history"
HISTORY = (
    "SELECT thing, before, event, after, version, lag(version) OVER (PARTITION BY id ORDER BY version) FROM mdt_history"
)


class Door:
    """The service, asked by each of the staff; what it describes of each of its routes."""

    def __init__(self, door: InProcess, app: Any, runner: asyncio.Runner, settings: Settings, wulfrun: Wulfrun) -> None:
        self._door, self._runner, self._settings, self.wulfrun = door, runner, settings, wulfrun
        described = app._app.router.default.openapi()["paths"]
        self._described = {(method, path): of["responses"] for path, m in described.items() for method, of in m.items()}

    def send(self, username: str, method: str, path: str, template: str, form: Any = None, purpose: str = "") -> Told:
        token = issue(token_key(self._settings), username, role=None, at=datetime.now(UTC))
        kind = b"application/fhir+json" if "/fhir/" in path else b"application/json"
        headers = [(b"authorization", f"Bearer {token}".encode()), (b"content-type", kind)]
        content = b"" if form is None else json.dumps(form, default=str).encode()
        query = urlencode({"purpose": purpose} if purpose else {})
        told = self._runner.run(self._door.ask(method, path, query, headers, content))
        assert str(told.status) in self._described[method.lower(), template], (method, template, told)
        assert told.status < 500, (method, path, form, told)
        if told.status >= 400 and "/fhir/" not in path:
            assert json.loads(told.content)["error"], told
        return told


class Walk(RuleBasedStateMachine):
    """One evening of a team, which nobody keeps to what is sensible."""

    door: ClassVar[Door]
    been: ClassVar[set[tuple[str, str]]]

    @initialize(begins=st.sampled_from(range(len(WAY), 1, -2)), whom=st.sampled_from([FATHER, NEIGHBOUR]))
    def begin(self, begins: int, whom: str) -> None:
        self.wulfrun, self.whom = self.door.wulfrun, whom
        self.wulfrun.begin_anew()
        for username, things, event in WAY[:begins]:
            if event == "start":
                self.time_comes()
            self._take(_STEPS[things, event], username, {})

    @rule()
    def time_comes(self) -> None:
        """The first meeting is now."""
        self.wulfrun.sql(
            "UPDATE mdt_meeting SET starts_at = now() - interval '5 minutes', ends_at = now() + interval '2 hours'"
            " WHERE id = (SELECT id FROM mdt_meeting ORDER BY starts_at, id LIMIT 1)"
        )

    @rule(where=st.integers(0, len(WAY) - 1))
    def goes_on(self, where: int) -> None:
        username, things, event = WAY[where]
        self._take(_STEPS[things, event], username, {})

    @rule(
        step=st.sampled_from(STEPS),
        username=st.sampled_from(STAFF),
        nth=st.integers(0, 3),
        off=st.sampled_from([0, 0, 1]),
    )
    def anybody_takes_any(self, step: Step[Any], username: str, nth: int, off: int) -> None:
        self._take(step, username, {"version": off}, nth=nth)

    @rule(step=st.sampled_from(STEPS), where=st.integers(0, 12), wrong=st.sampled_from(WRONG), also=st.booleans())
    def fills_in_wrongly(self, step: Step[Any], where: int, wrong: Any, also: bool) -> None:
        names = sorted(step.form.model_fields)
        changed = {names[where % len(names)]: wrong} | ({"beyond": 1} if also else {})
        self._take(step, "chair", {"instead": changed})

    @rule(step=st.sampled_from(STEPS), other=st.sampled_from(sorted(TABLES)), username=st.sampled_from(STAFF))
    def mistakes_a_thing_for_another(self, step: Step[Any], other: str, username: str) -> None:
        self._take(step, username, {}, of=self._id(other))

    @rule(status=st.sampled_from(["accepted", "rejected", "completed", "cancelled", "requested", "x", 7, None]),
          username=st.sampled_from(STAFF), whole=st.booleans())  # fmt: skip
    def a_status_comes_back(self, status: Any, username: str, whole: bool) -> None:
        action = self._id("actions") or NOBODY
        task = {"resourceType": "Task", "id": action, "status": status, "intent": "order"}
        more = {"statusReason": {"text": "Done"}, "meta": {"versionId": "1"}} if whole else {}
        self._unless_refused(username, "PUT", f"/fhir/R4/Task/{action}", "/fhir/R4/Task/{action_id}", task | more)

    @rule(things=st.sampled_from(sorted(TABLES)), username=st.sampled_from(STAFF))
    def looks(self, things: str, username: str) -> None:
        """Who has no part in it, is told what is told of nothing; who has, is told of its possible steps."""
        id = self._id(things) or NOBODY
        for rest in ("", "/history"):
            template = f"/api/mdt/{'{things}' if rest else things}/{{id}}{rest}"
            if things in ("invitations", "actions") and not rest:
                continue
            told = self.door.send(username, "GET", f"/api/mdt/{things}/{id}{rest}", template)
            if username == "acute-clinician" and things != "case-studies":
                nothing = self.door.send(username, "GET", f"/api/mdt/{things}/{NOBODY}{rest}", template)
                assert (told.status, told.content) == (nothing.status, nothing.content) == (404, nothing.content)

    def teardown(self) -> None:
        """Everything that happened is what the tables let happen, one version after the other."""
        for thing, before, event, after, version, former in self.wulfrun.sql(HISTORY):
            assert version == (former or 0) + 1, (thing, event, version, former)
            self.been.add((thing, after))
            if before is not None and (before != after or (thing, event) in _EVENTS):  # else it follows from another's
                assert (thing, before, event, after) in _MOVES, (thing, before, event, after)

    def _take(
        self, step: Step[Any], username: str, said: dict[str, Any], *, nth: int = 0, of: str | None = None
    ) -> None:
        """Send a step's form, about the first of the things that are there, or the `nth`."""
        schema = step.form.model_json_schema()
        id = of or (None if step.makes else self._id(step.things, nth)) or NOBODY
        form = self._filled(step, schema, id, nth)
        form |= {"version": form["version"] + said["version"]} if said.get("version") and "version" in form else {}
        form |= said.get("instead", {})
        path = f"/api/mdt/{step.things}" + ("" if step.makes else f"/{id}/{step.event}")
        template = f"/api/mdt/{step.things}" + ("" if step.makes else f"/{{id}}/{step.event}")
        purpose = "direct-care" if step.things == "referrals" and step.makes else ""
        self._unless_refused(username, "POST", path, template, form, purpose)

    def _unless_refused(self, *asked: Any) -> None:
        """What is refused has changed nothing."""
        [[before]] = self.wulfrun.sql(ROWS)
        told = self.door.send(*asked)
        [[after]] = self.wulfrun.sql(ROWS)
        assert told.status < 400 or before == after, (asked, told)

    def _filled(self, step: Step[Any], schema: dict[str, Any], id: str, nth: int) -> dict[str, Any]:
        if (step.things, step.event) == ("referrals", "new"):
            return referral(self.wulfrun.person((self.whom, SON, NEIGHBOUR, FATHER)[nth]))
        today, now = london_date(datetime.now(UTC)), datetime.now(UTC)
        item, open_actions = self._id("items", nth), "SELECT id FROM mdt_action WHERE item_id = %s AND ended_at IS NULL"
        known = {
            "meeting_id": self._id("meetings"), "caseload_id": self._id("caseload", nth), "item_id": item,
            "items": [item or NOBODY], "into": self._id("caseload", 1 - nth), "version": self._version(step.things, id),
            "locality": "northgate", "until": str(today + timedelta(days=60)), "on": str(today + timedelta(days=7)),
            "due": str(today + timedelta(days=14)), "review_on": str(today + timedelta(days=30)), "owner": NURSE,
            "lead": NURSE, "coordinator": NURSE, "holder": NURSE, "re_entry_trigger": "A fall",
            "person_told": "By phone",
            "starts_at": str(now + timedelta(days=1)), "ends_at": str(now + timedelta(days=1, hours=1)),
            "read_back": [str(row[0]) for row in self.wulfrun.sql(open_actions, item or NOBODY)],
            "no_action_reason": "It waits", "carry_over": "out-of-time", "without_quorum": "Snow",
            "early": True,
            "told_on": str(today), "told_how": "By phone", "account": "housing-officer",
            "organisation": "WH100", "profile": "housing",
        }  # fmt: skip
        if step.things == "arrivals":
            known.pop("account")
        named = {name: known[name] for name in schema["properties"] if known.get(name) is not None}
        return {**plausible(schema, {}), **named}

    def _id(self, things: str, nth: int = 0) -> str | None:
        """The nth of the things of a kind, the oldest first."""
        began = "SELECT t.id FROM mdt_{0} t JOIN mdt_history h ON h.id = t.id AND h.version = 1 ORDER BY h.at, {1} t.id"
        first = "t.starts_at," if things == "meetings" else ""
        found = self.wulfrun.sql(began.format(TABLES[things], first)) if things in TABLES else []
        return str(found[min(max(nth, 0), len(found) - 1)][0]) if found else None

    def _version(self, things: str, id: str) -> int:
        found = (
            self.wulfrun.sql(f"SELECT version FROM mdt_{TABLES[things]} WHERE id = %s", id) if things in TABLES else []
        )
        return int(found[0][0]) if found else 1


_STEPS = {(one.things, one.event): one for one in STEPS}
_MOVES = {(each.name, move.state, move.event, move.to) for each in LIFECYCLES for move in each.moves}
_EVENTS = {(thing, event) for thing, _, event, _ in _MOVES}


@pytest.fixture
def door(place_url: str, settings: Settings, wulfrun: Wulfrun) -> Iterator[Door]:
    wulfrun.sql("UPDATE account SET training_until = CURRENT_DATE + 30 WHERE username <> 'lapsed-nurse'")
    with asyncio.Runner() as runner:
        app: Any = create_app(settings, place_url)
        with running(app, runner) as door:
            yield Door(door, app, runner, settings, wulfrun)


@pytest.mark.unmeasured
def test_whatever_is_sent_in_whatever_state_is_answered_as_described_and_does_what_the_tables_allow(door: Door) -> None:
    Walk.door, Walk.been = door, set()
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=WALKS or 10,
            stateful_step_count=40 if WALKS else 12,
            derandomize=not WALKS,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate, Phase.shrink] if WALKS else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {
        ("meeting", "signed"),
        ("agenda item", "discussed"),
        ("action", "done"),
        ("invitation", "accepted"),
    } <= Walk.been
