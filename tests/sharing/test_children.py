"""A child is one by the birth date that partners state, until they are 18."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.sharing.explain import explain
from app.sharing.facts import Flag, PersonFacts, came_of_age
from app.sharing.known.feed_store import put_children
from app.vocabulary.category import Category
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.london import london_midnight
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Purpose
from tests.sharing.test_store import SHE, Message, facts, know
from tests.sharing.worlds import DAY, HERS, NOON, World, any_world, related, someone, wulfrun

TODAY = NOON.date()
GP = someone("gp", "M92001")
IN_CONFIDENCE = Label(OdsCode("RL4"), Category("pregnancy"), Sensitivity.NORMAL)
MEDICINES = Label(OdsCode("RL4"), Category("medications"), Sensitivity.NORMAL)


def born(on: date) -> Flag:
    return Flag(kind=FlagKind.CHILD, partner=OdsCode("RL4"), since=london_midnight(on))


def patient(on: date) -> World:
    known = PersonFacts(relationships=(related("registration", "M92001", started=NOON - 400 * DAY),), flags=(born(on),))
    return World(GP, known, READ, Purpose("direct-care"))


@pytest.mark.parametrize(
    ("on", "grown"),
    [
        (date(2008, 11, 22), date(2026, 11, 22)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2004, 2, 29), date(2022, 3, 1)),
    ],
)
def test_somebody_is_grown_up_from_their_eighteenth_birthday(on: date, grown: date) -> None:
    assert came_of_age(on) == grown


@pytest.mark.parametrize(("on", "hidden"), [(date(2008, 11, 23), True), (date(2008, 11, 22), False)])
def test_what_may_be_in_confidence_is_kept_back_until_the_day_they_are_18(on: date, hidden: bool) -> None:
    decision = patient(on).decide(wulfrun.agreements)
    assert decision.permits(IN_CONFIDENCE, None) is not hidden
    assert decision.permits(MEDICINES, None)


PROTECTED = Label(OdsCode("LA508"), Category("child-protection"), Sensitivity.RESTRICTED)


@pytest.mark.parametrize(
    ("role", "at", "kind", "purpose", "told"),
    [
        ("gp", "M92001", "registration", "direct-care", True),
        ("acute-clinician", "RL4", "admission", "direct-care", True),
        ("social-worker", "LA508", "safeguarding-enquiry", "safeguarding", True),
        ("community-nurse", "RL4C", "caseload", "direct-care", True),
        ("community-nurse", "RL4C", "claimed", "direct-care", False),
        ("community-nurse", "8A999", "caseload", "direct-care", False),
        ("community-nurse", "RL4C", "mdt-caseload", "mdt", False),
        ("gp", "M92001", "registration", "case-finding", False),
        ("housing-officer", "WH100", "tenancy", "tenancy-support", False),
        ("partner-system", "RL4", "admission", "direct-care", False),
        ("ig-lead", "RL4", "access-request", "access-review", False),
    ],
)
def test_that_a_child_is_looked_after_is_told_to_those_who_treat_or_protect_them_alone(
    role: str, at: str, kind: str, purpose: str, told: bool
) -> None:
    known = PersonFacts(relationships=(related(kind, at),), flags=(born(date(2016, 11, 22)),))
    world = World(someone(role, at), known, READ, Purpose(purpose))
    assert world.decide(wulfrun.agreements).permits(PROTECTED, None) is told


def test_it_ends_at_local_midnight() -> None:
    eve = datetime(2026, 7, 1, 22, 59, tzinfo=UTC)
    young = replace(patient(date(2008, 7, 2)), at=eve)
    assert not young.decide(wulfrun.agreements).permits(IN_CONFIDENCE, None)
    assert replace(young, at=eve + timedelta(minutes=1)).decide(wulfrun.agreements).permits(IN_CONFIDENCE, None)


@given(any_world, st.dates(date(1920, 1, 1), date(2008, 11, 22)))
def test_a_childs_flag_of_somebody_grown_up_changes_no_decision(world: World, on: date) -> None:
    grown = world.knowing(flags=(*world.facts.flags, born(on)))
    assert grown.decide(wulfrun.agreements) == world.decide(wulfrun.agreements)


def test_an_explanation_names_the_flag_while_it_counts_and_no_longer() -> None:
    def deciding(on: date) -> tuple[str, ...]:
        world = patient(on)
        return explain(
            GP, IN_CONFIDENCE, action=READ, purpose=world.purpose, facts=world.facts,
            agreements=wulfrun.agreements, at=NOON,
        ).deciding  # fmt: skip

    assert deciding(date(2012, 1, 1)) == ("wulfrun/X-CHILD-CONFIDENCE",)
    assert deciding(date(2002, 1, 1)) == ("wulfrun/G-GP",)


def test_intake_flags_who_is_young_and_corrects_it(engine: Engine) -> None:
    young, grown = date(TODAY.year - 10, 1, 1), date(TODAY.year - 40, 1, 1)
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_children(connection, Message(1), [(SHE, young)])
    (flag,) = facts(engine, SHE).flags
    assert (flag.kind, flag.since) == ("child", london_midnight(young))
    with transaction(engine) as connection:
        put_children(connection, Message(2), [(SHE, grown)])
    assert facts(engine, SHE).flags == ()
    with transaction(engine) as connection:
        put_children(connection, Message(1), [(SHE, young)])
    assert facts(engine, SHE).flags == ()
