"""Invariant 5: whatever is missing, of a wrong type or unknown, denies with an alarm, and raises nothing."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import pytest

from app.identity.requester import Requester
from app.sharing.decide import decide
from app.sharing.decision import REFUSAL, Decision
from app.sharing.explain import explain, viewer_text
from app.sharing.facts import Account, EmergencyOpening, Flag, Invitation, Objection, PersonFacts, Relationship
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Action, Purpose, Role
from tests.sharing.worlds import HOUR, NOON, NURSE, NURSE_AND_HER_PATIENT, ON_CASELOAD, World, flagged, related, wulfrun


class Nowhere(tzinfo):
    """A time zone that cannot say what it is."""

    def utcoffset(self, at: datetime | None) -> timedelta:
        raise RuntimeError

    dst = utcoffset

    def tzname(self, at: datetime | None) -> str:
        raise RuntimeError


JUNK: list[Any] = [
    None, "", "x", 0, 1.5, object(), b"", (), [], {}, {"a"}, date(2026, 1, 1), NOON.replace(tzinfo=None),
    NOON.replace(tzinfo=Nowhere()),
]  # fmt: skip

SOMEONE, HERE = Account("issuer", "subject"), OdsCode("RL4")
FACTS: list[tuple[str, Any]] = [
    ("relationships", related("caseload", "RL4C", team="north", account=SOMEONE, ended=NOON + HOUR)),
    ("objections", Objection(id="1", scope="all", upheld=False, started=NOON)),
    ("flags", Flag(kind="staff-or-vip", partner=HERE, since=NOON)),
    ("openings", EmergencyOpening(id="1", account=SOMEONE, organisation=HERE, started=NOON, ended=NOON)),
    (
        "invitations",
        Invitation(
            id="1", profile="p", account=SOMEONE, organisation=HERE, started=NOON, ended=NOON, accepted=True,
            on_agenda=True,
        ),
    ),
]  # fmt: skip

OPTIONAL = {
    Requester: {"nhs_number", "training_until"},
    Relationship: {"ended", "revoked", "team", "account"},
    Objection: {"ended", "category", "organisation", "account", "meeting", "team"},
    Invitation: {"meeting"},
}
TEXTS = {"id", "kind", "scope", "profile", "team", "meeting", "subject", "issuer", "name", "session"}


def spoilt(value: Any, name: str) -> Iterator[Any]:
    """Copies of a value, one attribute of each turned into something that it cannot be."""
    for junk in JUNK:
        if not _may_be(type(value), name, junk):
            copy = replace(value)
            object.__setattr__(copy, name, junk)
            yield copy


def _may_be(owner: type, name: str, junk: Any) -> bool:
    if junk is None:
        return name in OPTIONAL.get(owner, ())
    if isinstance(junk, str):
        return name in TEXTS
    if junk == () and type(junk) is tuple:
        return owner is PersonFacts and name != "nhs_numbers"
    return type(junk) is date and name == "training_until"


def assert_indeterminate(decision: Decision, alarm: str = "ill-typed") -> None:
    assert decision.denied
    assert decision.alarm
    assert alarm in decision.alarm
    assert not decision.permitted
    assert viewer_text(decision) == (REFUSAL,)


@pytest.mark.parametrize("name", [field.name for field in fields(Requester)])
def test_5_an_ill_typed_requester(name: str) -> None:
    for requester in spoilt(NURSE, name):
        assert_indeterminate(replace(NURSE_AND_HER_PATIENT, requester=requester).decide(wulfrun.agreements))


@pytest.mark.parametrize(
    ("collection", "fact", "name"),
    [
        pytest.param(collection, fact, field.name, id=f"{type(fact).__name__}-{field.name}")
        for collection, fact in FACTS
        for field in fields(fact)
    ],
)
def test_5_an_ill_typed_fact(collection: str, fact: Any, name: str) -> None:
    sound = NURSE_AND_HER_PATIENT.knowing(**{collection: (*getattr(ON_CASELOAD, collection), fact)})
    assert not sound.decide(wulfrun.agreements).denied
    for one in spoilt(fact, name):
        assert_indeterminate(sound.knowing(**{collection: (one,)}).decide(wulfrun.agreements))


@pytest.mark.parametrize("half", [Account(None, "subject"), Account("issuer", None), ("issuer", "subject")])  # type: ignore[arg-type]
def test_5_half_an_account(half: Any) -> None:
    spoiled = related("caseload", "RL4C", account=half)
    assert_indeterminate(NURSE_AND_HER_PATIENT.knowing(relationships=(spoiled,)).decide(wulfrun.agreements))


@pytest.mark.parametrize("name", [field.name for field in fields(PersonFacts) if field.name != "national_data_opt_out"])
def test_5_ill_typed_facts(name: str) -> None:
    for facts in spoilt(ON_CASELOAD, name):
        assert_indeterminate(replace(NURSE_AND_HER_PATIENT, facts=facts).decide(wulfrun.agreements))
    for junk in (None, "x", object()):
        among = frozenset({junk}) if name == "nhs_numbers" else (junk,)
        assert_indeterminate(NURSE_AND_HER_PATIENT.knowing(**{name: among}).decide(wulfrun.agreements))


@pytest.mark.parametrize("junk", [*JUNK, NOON.replace(year=1), NOON.replace(year=9999)])
def test_5_any_ill_typed_argument(junk: Any) -> None:
    sound: dict[str, Any] = {
        "action": READ, "purpose": Purpose("direct-care"), "facts": ON_CASELOAD, "agreements": wulfrun.agreements,
        "at": NOON,
    }  # fmt: skip
    for name in sound:
        assert_indeterminate(decide(NURSE, **(sound | {name: junk})))
    assert_indeterminate(decide(junk, **sound))


def test_5_all_that_is_wrong_is_named_at_once() -> None:
    wrong: Any = None
    decision = decide(wrong, action=wrong, purpose=wrong, facts=wrong, agreements=wrong, at=wrong)
    assert decision.alarm == (
        "ill-typed requester; ill-typed action; ill-typed purpose; ill-typed facts;"
        " ill-typed agreements; ill-typed time"
    )


def test_5_a_value_that_lacks_an_attribute() -> None:
    hollow = object.__new__(Requester)
    assert_indeterminate(replace(NURSE_AND_HER_PATIENT, requester=hollow).decide(wulfrun.agreements))
    assert_indeterminate(NURSE_AND_HER_PATIENT.knowing(flags=(object.__new__(Flag),)).decide(wulfrun.agreements))


def objecting(**attributes: Any) -> World:
    return NURSE_AND_HER_PATIENT.knowing(
        objections=(replace(Objection(id="1", scope="all", upheld=False, started=NOON), **attributes),)
    )


@pytest.mark.parametrize(
    ("world", "alarm"),
    [
        (replace(NURSE_AND_HER_PATIENT, requester=replace(NURSE, role=Role("astronaut"))), "unknown role"),
        (replace(NURSE_AND_HER_PATIENT, requester=replace(NURSE, organisation=OdsCode("XYZ"))), "unknown organisation"),
        (replace(NURSE_AND_HER_PATIENT, purpose=Purpose("research")), "unknown purpose"),
        (replace(NURSE_AND_HER_PATIENT, action=Action("delete")), "unknown action"),
        (replace(NURSE_AND_HER_PATIENT, at=datetime(2020, 1, 1, tzinfo=UTC)), "no agreement in force"),
        (NURSE_AND_HER_PATIENT.knowing(flags=flagged("newly-invented")), "unknown flag"),
        (objecting(scope="some"), "unknown objection"),
        (objecting(scope="category"), "unknown objection"),
        (objecting(scope="source"), "unknown objection"),
        (objecting(scope="recipient"), "unknown objection"),
        (objecting(scope="user"), "unknown objection"),
    ],
)
def test_5_what_no_agreement_speaks_of(world: World, alarm: str) -> None:
    assert_indeterminate(world.decide(wulfrun.agreements), alarm)


def test_5_an_indeterminate_decision_is_explained_by_its_alarm() -> None:
    medicines = Label(OdsCode("RL4"), Category("medications"), Sensitivity.NORMAL)
    explained = explain(
        NURSE,
        medicines,
        action=READ,
        purpose=Purpose("research"),
        facts=ON_CASELOAD,
        agreements=wulfrun.agreements,
        at=NOON,
    )
    assert not explained.permitted
    assert explained.decision.alarm == "unknown purpose"
