"""Invariants 23 and 28 to 30: what is told to whom, and what it gives away."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.sharing.compile import compile_agreements
from app.sharing.decision import REFUSAL, Granted
from app.sharing.explain import LATER, TRAINING, Counterfactual, Explanation, NearMiss, _alike, explain, viewer_text
from app.sharing.facts import EmergencyOpening, Invitation, PersonFacts, account_of
from app.sharing.written.document import NoticeTexts
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Purpose
from tests.sharing.worlds import (
    DOCTOR,
    HERS,
    HIS,
    HOUR,
    LAW,
    NOON,
    NURSE_AND_HER_PATIENT,
    OBJECTION,
    ON_CASELOAD,
    World,
    any_label,
    any_world,
    changed,
    flagged,
    opened,
    related,
    someone,
    wulfrun,
)

MEDICINES = Label(OdsCode("RL4"), Category("medications"), Sensitivity.NORMAL)
DATES = st.none() | st.dates(date(2023, 11, 20), date(2026, 11, 23))


def explained(world: World, label: Label, occurred_on: date | None = None) -> Explanation:
    return explain(
        world.requester,
        label,
        occurred_on=occurred_on,
        action=world.action,
        purpose=world.purpose,
        facts=world.facts,
        agreements=wulfrun.agreements,
        at=world.at,
    )


@given(any_world, any_world)
def test_23_every_refusal_of_one_role_looks_the_same_as_if_there_were_no_such_person(one: World, other: World) -> None:
    nobody = replace(one, facts=PersonFacts()).decide(wulfrun.agreements)
    for world in (one, replace(one, facts=other.facts)):
        decision = world.decide(wulfrun.agreements)
        if decision.denied:
            assert viewer_text(decision) == viewer_text(nobody) == (REFUSAL,)
            assert decision.notices == nobody.notices
            assert decision.obligations == nobody.obligations
            assert decision.permitted == nobody.permitted == {}
        assert decision.route_to_emergency_access == nobody.route_to_emergency_access


NAMES: dict[str, Callable[[Any], str]] = {
    "relationships": lambda each: f"relationship/{each.id}",
    "objections": lambda each: f"objection/{each.id}",
    "flags": lambda each: f"flag/{each.id}",
    "openings": lambda each: f"opening/{each.id}",
    "invitations": lambda each: f"invitation/{each.id}",
}


def where(world: World, is_known: Callable[[str], bool]) -> World:
    """The same world, in which only some facts are known."""
    facts = {
        part: tuple(filter(lambda each: is_known(name(each)), getattr(world.facts, part)))
        for part, name in NAMES.items()
    }
    numbers = world.facts.nhs_numbers if is_known("own-record") else frozenset()
    return world.knowing(**facts, nhs_numbers=numbers)


@given(any_world, any_label, DATES)
def test_28_the_facts_listed_alone_give_the_same_answer_for_the_same_reasons(
    world: World, label: Label, occurred_on: date | None
) -> None:
    whole = explained(world, label, occurred_on)
    bare = explained(where(world, lambda fact: fact in whole.facts), label, occurred_on)
    assert (bare.permitted, bare.deciding, bare.facts) == (whole.permitted, whole.deciding, whole.facts)


@given(any_world, any_label, DATES)
def test_28_what_is_said_to_turn_the_answer_round_does(world: World, label: Label, occurred_on: date | None) -> None:
    before = explained(world, label, occurred_on)
    if before.counterfactual is None:
        assert not before.permitted
        return
    gone = before.counterfactual.without
    turned = where(world, lambda fact: fact not in gone)
    for need in before.counterfactual.needs:
        turned, occurred_on = meet(need, turned, occurred_on)
    assert explained(turned, label, occurred_on).permitted is not before.permitted


def meet(need: str, world: World, occurred_on: date | None) -> tuple[World, date | None]:
    """The world in which a need is met."""
    account, here, facts = account_of(world.requester), world.requester.organisation, world.facts
    told = need.partition("(")[2].partition(")")[0]
    if need == TRAINING:
        return replace(world, requester=replace(world.requester, training_until=date(2027, 1, 1))), occurred_on
    if need.startswith(LATER):
        return world, date.fromisoformat(need.removeprefix(LATER).split()[0])
    if need.startswith("a relationship"):
        held = related(told.split(" or ")[0], here, id="new")
        return world.knowing(relationships=(*facts.relationships, held)), occurred_on
    if need.startswith("an opening"):
        opening = EmergencyOpening(id="new", account=account, organisation=here, started=NOON, ended=NOON + HOUR)
        return world.knowing(openings=(*facts.openings, opening)), occurred_on
    invitation = Invitation(
        id="new", profile=told, account=account, organisation=here, started=NOON, ended=NOON + HOUR, accepted=True,
        on_agenda=True,
    )  # fmt: skip
    return world.knowing(invitations=(*facts.invitations, invitation)), occurred_on


def test_a_denial_names_the_prohibition_the_fact_and_what_would_lift_it() -> None:
    told = explained(NURSE_AND_HER_PATIENT.knowing(objections=(OBJECTION,)), MEDICINES)
    assert told.deciding == ("wulfrun/X-OBJECTION",)
    assert told.facts == ("objection/1", "relationship/caseload")
    assert str(told.counterfactual) == "without objection/1"
    assert told.near_misses == ()


def test_a_near_miss_says_what_the_nearest_grants_lacked() -> None:
    told = explained(replace(NURSE_AND_HER_PATIENT, facts=PersonFacts()), MEDICINES)
    needed = "a relationship (brought-in or caseload or claimed or referral)"
    assert told.deciding == ()
    assert told.near_misses == (NearMiss("wulfrun/G-NURSE", (needed,)),)
    assert told.counterfactual == Counterfactual(needs=(needed,))


def test_an_entry_that_is_too_old_is_told_from_when_it_would_be_shown() -> None:
    results = Label(OdsCode("RL4"), Category("results"), Sensitivity.NORMAL)
    told = explained(NURSE_AND_HER_PATIENT, results, date(2023, 11, 21))
    assert told.near_misses == (NearMiss("wulfrun/G-NURSE-HISTORY", ("a date of 2023-11-22 or later",)),)
    assert explained(NURSE_AND_HER_PATIENT, results, date(2023, 11, 22)).permitted


def test_nothing_comes_near_what_no_clause_gives() -> None:
    sealed = Label(OdsCode("RL4"), Category("problems"), Sensitivity.SEALED)
    told = explained(NURSE_AND_HER_PATIENT, sealed)
    assert told.deciding == ("wulfrun/X-SEALED",)
    assert (told.near_misses, told.counterfactual) == ((), None)
    elsewhere = Label(OdsCode("ZZZ"), Category("problems"), Sensitivity.NORMAL)
    assert explained(NURSE_AND_HER_PATIENT, elsewhere).deciding == ()


def test_the_route_to_emergency_access_depends_on_the_role_alone() -> None:
    doctor = World(DOCTOR, PersonFacts(), READ, Purpose("direct-care"))
    assert doctor.decide(wulfrun.agreements).route_to_emergency_access
    assert opened(NOON, NOON + HOUR).decide(wulfrun.agreements).route_to_emergency_access
    assert not NURSE_AND_HER_PATIENT.decide(wulfrun.agreements).route_to_emergency_access


@given(any_world, st.sets(st.sampled_from(["location-restricted", "deceased", "sealed"])))
def test_29_what_the_viewer_reads_tells_nothing_of_silent_facts(world: World, silent: set[str]) -> None:
    plain = world.knowing(flags=tuple(flag for flag in world.facts.flags if flag.kind == "dissent"))
    hidden = plain.knowing(flags=plain.facts.flags + flagged(*sorted(silent)))
    told = viewer_text(hidden.decide(wulfrun.agreements))
    assert told in (viewer_text(plain.decide(wulfrun.agreements)), (REFUSAL,))


NOTICES = LAW.notices or NoticeTexts()
WITHHELD = NOTICES.withheld


def told_of_withholding(**facts: Any) -> str | None:
    return NURSE_AND_HER_PATIENT.knowing(**facts).decide(wulfrun.agreements).notices.withheld


def test_29_one_sentence_is_said_where_a_clause_lets_it_and_something_was_taken_away() -> None:
    on_medicines = replace(OBJECTION, scope="category", category=Category("medications"))
    assert told_of_withholding(objections=(on_medicines,)) == WITHHELD
    assert told_of_withholding(flags=flagged("dissent")) == WITHHELD


def test_29_nothing_is_said_of_what_the_role_would_never_see_nor_of_silent_clauses() -> None:
    on_education = replace(OBJECTION, scope="category", category=Category("education"))
    assert told_of_withholding() is None
    assert told_of_withholding(objections=(on_education,)) is None
    assert told_of_withholding(flags=flagged("location-restricted")) is None


def test_29_whoever_may_see_nothing_is_not_told_that_something_is_withheld() -> None:
    """Else the refusal would tell that the person is known here, and objected."""
    assert told_of_withholding(objections=(OBJECTION,)) is None
    assert NURSE_AND_HER_PATIENT.knowing(objections=(OBJECTION,)).decide(wulfrun.agreements).denied


def test_a_decision_names_each_fact_that_decided_it() -> None:
    objected = NURSE_AND_HER_PATIENT.knowing(
        flags=flagged("dissent"), objections=(OBJECTION, replace(OBJECTION, id="2", scope="meeting", meeting="north"))
    )
    assert objected.decide(wulfrun.agreements).relied_on == (
        "flag/RL4/dissent", "objection/1", "objection/2", "relationship/caseload",
    )  # fmt: skip


def test_29_role_notices_depend_on_the_role_and_the_agreement_alone() -> None:
    known, unknown = (
        replace(NURSE_AND_HER_PATIENT, facts=facts).decide(wulfrun.agreements).notices.not_for_role
        for facts in (ON_CASELOAD, PersonFacts())
    )
    assert known == unknown
    assert Category("formulation") in known
    assert Category("medications") not in known


def test_the_askings_that_are_near_to_one_are_looked_up_once_for_all_labels() -> None:
    """A page of twenty looks explains each of a heading's labels: by all askings it took seconds."""
    nobody = NURSE_AND_HER_PATIENT.knowing(relationships=())
    _alike.cache_clear()
    controllers = sorted(wulfrun.agreements.lattice.controllers)
    told = [explained(nobody, Label(one, Category("medications"), Sensitivity.NORMAL)) for one in controllers]
    assert _alike.cache_info().misses == 1
    assert {near.clause for one in told for near in one.near_misses} >= {"wulfrun/G-NURSE"}


def test_the_viewer_reads_the_banner_and_what_their_role_never_sees() -> None:
    banner, role, withheld = viewer_text(
        NURSE_AND_HER_PATIENT.knowing(flags=flagged("dissent")).decide(wulfrun.agreements)
    )
    assert banner == NOTICES.banner
    assert role.startswith(f"{NOTICES.not_for_role}: Ethnicity, Participation in research, ")
    assert withheld == WITHHELD


def test_viewers_read_the_words_of_the_agreement() -> None:
    other = NoticeTexts(banner="Not all is here.", not_for_role="Not for you", withheld="Something is kept back.")
    banner, role, withheld = viewer_text(
        NURSE_AND_HER_PATIENT.knowing(flags=flagged("dissent")).decide(
            compile_agreements([changed(LAW, notices=other)])
        )
    )
    assert (banner, role.partition(":")[0], withheld) == ("Not all is here.", "Not for you", "Something is kept back.")


def test_an_agreement_that_words_no_notice_is_read_in_the_usual_words() -> None:
    silent = NURSE_AND_HER_PATIENT.decide(compile_agreements([changed(LAW, notices=None)]))
    assert viewer_text(silent)[0] == NoticeTexts().banner


def test_29_which_agreement_withholds_is_told_by_no_word() -> None:
    annex = changed(LAW, isa="annex", grants=(), notices=changed(NOTICES, withheld="Something is kept back."))
    lenient = tuple(each for each in LAW.prohibitions if each.id != "X-DISSENT")
    objected = NURSE_AND_HER_PATIENT.knowing(flags=flagged("dissent"))
    both, one, other = (
        viewer_text(objected.decide(compile_agreements(agreements)))
        for agreements in (
            [LAW, annex],
            [changed(LAW, prohibitions=lenient), annex],
            [LAW, changed(annex, prohibitions=lenient)],
        )
    )
    assert both == one == other
    assert both[-1] == f"Something is kept back. {WITHHELD}"


@given(any_world, any_label)
def test_30_no_decision_and_no_explanation_spells_out_an_nhs_number(world: World, label: Label) -> None:
    told = explained(world, label)
    for shown in (repr(told), repr(world), str(told.counterfactual)):
        assert HERS.digits not in shown
        assert HIS.digits not in shown


def test_the_trail_is_told_which_clauses_permitted_what() -> None:
    decision = NURSE_AND_HER_PATIENT.decide(wulfrun.agreements)
    problem = Label(OdsCode("RRE"), Category("problems"), Sensitivity.NORMAL)
    assert decision.disclosed([problem, MEDICINES]) == {
        "wulfrun/G-NURSE": ["RL4/medications/normal"],
        "wulfrun/G-NURSE-MENTAL-HEALTH": ["RRE/problems/normal"],
    }


def test_one_label_may_be_told_under_several_clauses() -> None:
    facts = PersonFacts(relationships=(related("mdt-caseload", "RL4C"),), invitations=())
    chair = World(someone("mdt-chair", "RL4C"), facts, READ, Purpose("mdt")).decide(wulfrun.agreements)
    assert chair.disclosed([MEDICINES]) == {"wulfrun/G-MDT": ["RL4/medications/normal"]}
    twice = chair._replace(granted=(*chair.granted, Granted("another/G-MDT", chair.mask)))
    assert twice.disclosed([MEDICINES]) == {"wulfrun/G-MDT another/G-MDT": ["RL4/medications/normal"]}
