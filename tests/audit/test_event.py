"""What an event says, and what can never stand in one."""

from dataclasses import fields
from datetime import timedelta, timezone
from uuid import UUID

import orjson
import pytest

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind, instant, search_criteria, team_code
from app.audit.telling import disclosure
from app.identity.requester import Requester
from app.record.inquiry import Inquiry
from app.sharing.decision import AgreementVersion, Decision, Granted
from app.sharing.facts import Account
from app.sharing.lattice import Lattice
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role
from tests.audit.acts import AT, KEY, PERSON, view

TRUST = OdsCode("RL4")
OTHER = UUID(int=7)
MEDICATIONS = Label(TRUST, Category("medications"), Sensitivity.NORMAL)
PROBLEMS = Label(TRUST, Category("problems"), Sensitivity.NORMAL)
LATTICE = Lattice((TRUST,))
NURSE = Requester(
    subject="nurse.7",
    issuer="https://sign-in.example",
    name="Ama Testperson",
    organisation=TRUST,
    role=Role("community-nurse"),
    nhs_number=NHSNumber("9990000018"),
    session="session-77",
    teams=frozenset({"the north team"}),
)


def decision(*granted: Granted, **changes: object) -> Decision:
    version = AgreementVersion("wlv-icr", "3.1.0", "a" * 64)
    decided = Decision(lattice=LATTICE, agreements=(version,), granted=granted, prohibitions=("X-SENS",))
    return decided._replace(**changes)  # type: ignore[arg-type]


def granting(*labels: Label) -> Granted:
    return Granted("G-CN-1", sum(1 << LATTICE.bits[label] for label in labels))


def disclosed(decided: Decision, *labels: Label) -> Event:
    return disclosure(
        Inquiry(id=UUID(int=5), requester=NURSE, purpose=Purpose("direct-care"), at=AT),
        Kind.VIEW,
        PERSON,
        decided,
        id=UUID(int=5),
        action=Action("read"),
        labels=labels,
        entries=[4, 9] if labels else [],
        request="r-1",
    )


def test_an_event_is_the_same_bytes_however_it_was_put_together() -> None:
    event = view(1)
    said = orjson.loads(event.canonical())
    assert list(said) == sorted(said)
    assert event.canonical() == orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    assert said["at"] == "2026-06-01T09:31:00.000000+00:00"
    assert (said["subject"], said["issuer"], said["person"]) == ("nurse.7", "https://sign-in.example", str(PERSON))


def test_every_field_that_says_something_is_in_the_canonical_bytes() -> None:
    filled = view(
        1,
        other=UUID(int=9),
        criteria="c" * 64,
        reason="unconscious",
        changed="rl4-engine",
        relied_on=("tie/1",),
        forgotten={"1": 2},
        teams=(team_code("north"),),
        trained=True,
    )
    said = orjson.loads(filled.canonical())
    assert set(said) == {one.name for one in fields(Event)} - {"actor"} | {"subject", "issuer"}


def test_what_an_event_does_not_say_takes_no_room() -> None:
    bare = Event(kind=Kind.ROLE_CHOSEN, id=UUID(int=1), at=AT, actor=Account("local", "nurse.7"))
    assert set(orjson.loads(bare.canonical())) == {"kind", "id", "at", "subject", "issuer"}


def test_times_are_written_in_one_width_so_that_text_sorts_as_time_does() -> None:
    moments = [AT + timedelta(microseconds=step) for step in (0, 1, 999_999, 1_000_000)]
    assert sorted(map(instant, moments)) == list(map(instant, moments))
    assert instant(AT.astimezone(timezone(timedelta(hours=1)))) == instant(AT)


@pytest.mark.parametrize(
    "actor", [Account("local", ""), Account("", "nurse.7"), Account("local", "n\0"), Account("a" * 256, "b")]
)
def test_nobody_acts_without_a_name_that_a_provider_gave(actor: Account) -> None:
    with pytest.raises(ValueError, match="subject and issuer"):
        view(1, actor=actor)


@pytest.mark.parametrize("field", ["reason", "request", "criteria"])
@pytest.mark.parametrize("words", ["Mrs Testperson", "fell at home; GP told", "<b>", "a\nb"])
def test_no_field_takes_words(field: str, words: str) -> None:
    with pytest.raises(ValueError, match="takes a code") as refused:
        view(1, **{field: words})
    assert words not in str(refused.value)


def test_a_time_in_another_zone_is_refused() -> None:
    for at in (AT.replace(tzinfo=None), AT.astimezone(timezone(timedelta(hours=1)))):
        with pytest.raises(ValueError, match="in UTC"):
            view(1, at=at)


def test_a_disclosure_says_which_labels_left_under_which_clauses() -> None:
    event = disclosed(decision(granting(MEDICATIONS, PROBLEMS), relied_on=("relationship/88",)), MEDICATIONS)
    said = orjson.loads(event.canonical())
    assert said["kind"] == "view"
    assert said["permitted"] == {"G-CN-1": ["RL4/medications/normal"]}
    assert said["withheld"] == ["X-SENS"]
    assert said["relied_on"] == ["relationship/88"]
    assert said["agreements"] == ["wlv-icr@3.1.0#" + "a" * 64]
    assert said["entries"] == [4, 9]
    assert (said["role"], said["organisation"], said["purpose"]) == ("community-nurse", "RL4", "direct-care")


def test_a_disclosure_holds_neither_the_name_nor_the_number_of_whoever_acted() -> None:
    canonical = disclosed(decision(granting(MEDICATIONS)), MEDICATIONS).canonical()
    for secret in (b"Ama", b"Testperson", b"9990000018", b"session-77", b"the north team"):
        assert secret not in canonical


def test_what_is_not_permitted_cannot_be_told_as_disclosed() -> None:
    with pytest.raises(KeyError):
        disclosed(decision(granting(MEDICATIONS)), PROBLEMS)


def test_a_denial_is_an_event_too() -> None:
    event = disclosed(decision())
    assert (event.kind, event.permitted, event.withheld) == (Kind.DENIED, {}, ("X-SENS",))


def test_a_denial_for_want_of_an_attribute_raises_an_alarm() -> None:
    event = disclosed(decision(alarm="unknown role; unknown flag"))
    assert (event.kind, event.reason) == (Kind.INDETERMINATE_ALARM, "unknown-role/unknown-flag")


def test_a_search_is_told_by_a_hash_that_needs_the_key() -> None:
    criteria = {"family_name": "Testperson", "birth_date": "1951-03-04"}
    told = search_criteria(KEY, criteria)
    assert told == search_criteria(KEY, dict(reversed(criteria.items())))
    assert told != search_criteria(KEY, criteria | {"family_name": "Testpersons"})
    assert told != search_criteria(ChainKey(b"o" * 32), criteria)
    assert len(told) == 64
    assert view(1, kind=Kind.FIND, criteria=told).criteria == told


@pytest.mark.parametrize(
    ("event", "agrees"),
    [
        (view(1).canonical(), True),
        (view(2).canonical(), False),
        (view(1, person=None).canonical(), False),
        (b"[]", False),
        (b"{}", False),
        (b'{"at":"\\ud800"}', False),
    ],
)
def test_what_an_event_is_found_by_agrees_with_what_it_says(event: bytes, agrees: bool) -> None:
    assert view(1).found_by.agrees_with(event) is agrees


@pytest.mark.parametrize("emptied", ["at", "issuer", "subject", "person", "other"])
def test_a_column_that_somebody_emptied_no_longer_agrees(emptied: str) -> None:
    event = view(1, other=OTHER)
    found_by = event.found_by
    assert found_by.agrees_with(event.canonical())
    assert not found_by._replace(**{emptied: None}).agrees_with(event.canonical())


@pytest.mark.parametrize("written", ["person", "other"])
def test_a_column_of_a_person_that_somebody_filled_no_longer_agrees(written: str) -> None:
    event = view(1, person=None)
    assert event.found_by.agrees_with(event.canonical())
    filled = event.found_by._replace(**{written: OTHER})  # type: ignore[arg-type]  # both hold a person
    assert not filled.agrees_with(event.canonical())
