"""Invariants of the sharing model, by number: what holds whatever the agreement and whoever asks."""

from collections.abc import Iterable
from dataclasses import fields, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.identity.requester import Requester
from app.sharing.compile import compile_agreements
from app.sharing.facts import Account, Invitation, PersonFacts, account_of
from app.sharing.written.document import Agreement, Prohibition, When
from app.vocabulary.category import Category
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Action, Purpose, Role
from tests.sharing.worlds import (
    DOCTOR,
    HERS,
    HIS,
    HOUR,
    LAW,
    NOON,
    NURSE,
    NURSE_AND_HER_PATIENT,
    OBJECTION,
    World,
    any_world,
    changed,
    corner,
    flagged,
    opened,
    related,
    someone,
    wulfrun,
)

pytestmark = pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure

HOSPICE = someone("mdt-guest", "8A999")
EMPTY = compile_agreements([changed(LAW, grants=(), emergency_access=None, guests=())])


@given(any_world)
def test_1_without_grants_everything_is_denied(world: World) -> None:
    assert world.decide(EMPTY).denied


PROHIBITIONS = st.builds(
    Prohibition,
    id=st.just("X-NEW"),
    reason=st.just("a test"),
    when=st.one_of(
        st.builds(When, sensitivity=st.none() | st.sampled_from([(kind,) for kind in Sensitivity])),
        st.builds(When, flag=st.sampled_from(FlagKind), category=st.none() | st.just(("person",))),
        st.builds(When, objection=st.just("upheld"), controller=st.none() | st.just(("acute",))),
        st.builds(When, own_record=st.just(True), to=st.none() | st.just(("housing",))),
    ),
    override=st.sampled_from(["never", ("safeguarding",), ("direct-care", "emergency-access")]),
    notice=st.sampled_from(["silent", "generic"]),
)


@given(any_world, PROHIBITIONS)
@settings(max_examples=30)
def test_2_another_prohibition_never_permits_more(world: World, prohibition: Prohibition) -> None:
    more = compile_agreements([changed(LAW, prohibitions=(*LAW.prohibitions, prohibition))])
    assert not world.decide(more).mask & ~world.decide(wulfrun.agreements).mask


@pytest.mark.parametrize("clause", [grant.id for grant in LAW.grants])
def test_3_one_grant_fewer_never_permits_more(clause: str) -> None:
    fewer = compile_agreements([changed(LAW, grants=tuple(grant for grant in LAW.grants if grant.id != clause))])

    @given(any_world)
    @settings(max_examples=10)
    def holds(world: World) -> None:
        before, after = world.decide(wulfrun.agreements), world.decide(fewer)
        assert not after.mask & ~before.mask
        assert set(after.clauses) <= set(before.clauses)

    holds()


CORNER_LAW = corner.agreements.documents[0]
BOTH = compile_agreements([LAW, CORNER_LAW])


@given(any_world, st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_4_no_order_of_files_clauses_or_facts_matters(world: World, random: Random) -> None:
    shuffled = compile_agreements(_shuffled([_turned(LAW, random), _turned(CORNER_LAW, random)], random))
    parts = {part.name: getattr(world.facts, part.name) for part in fields(PersonFacts)}
    tuples = {name: tuple(_shuffled(part, random)) for name, part in parts.items() if isinstance(part, tuple)}
    one, other = world.decide(BOTH), world.knowing(**tuples).decide(shuffled)
    assert one.permitted == other.permitted
    assert one.clauses == other.clauses
    assert one.relied_on == other.relied_on
    assert (one.obligations, one.notices, one.agreements) == (other.obligations, other.notices, other.agreements)


def _turned(agreement: Agreement, random: Random) -> Agreement:
    def turned(grant: Any) -> Any:
        return changed(
            grant, categories=tuple(_shuffled(grant.categories, random)), roles=tuple(_shuffled(grant.roles, random))
        )

    return changed(
        agreement,
        grants=tuple(_shuffled(map(turned, agreement.grants), random)),
        prohibitions=tuple(_shuffled(agreement.prohibitions, random)),
        parties=tuple(_shuffled(agreement.parties, random)),
        guests=tuple(_shuffled(agreement.guests, random)),
    )


def _shuffled(values: Iterable[Any], random: Random) -> list[Any]:
    listed = list(values)
    return random.sample(listed, len(listed))


@given(any_world)
def test_6_whatever_is_permitted_has_a_grant_to_this_organisation_from_that_controller(world: World) -> None:
    clauses = {f"wulfrun/{clause.id}": clause for clause in (*LAW.grants, LAW.emergency_access, *LAW.guests) if clause}
    for label, permission in world.decide(wulfrun.agreements).permitted.items():
        assert permission.clauses
        for clause in map(clauses.__getitem__, permission.clauses):
            assert label.controller in LAW.organisations(clause.from_)
            assert world.requester.organisation in LAW.organisations(clause.to)
            assert world.requester.role in clause.roles
            assert world.purpose in clause.purposes
            assert label.category in LAW.expand(clause.categories)


@given(any_world)
def test_8_nothing_is_permitted_without_a_relationship_but_in_emergencies_and_to_guests(world: World) -> None:
    alone = world.knowing(openings=(), invitations=())
    covered = any(each.covers(world.requester, world.at) for each in world.facts.relationships)
    assert covered or alone.decide(wulfrun.agreements).denied


def test_8_a_relationship_covers_its_organisation_or_its_team_or_its_user() -> None:
    requester, account = replace(NURSE, teams=frozenset({"north"})), account_of(NURSE)
    assert related("caseload", "RL4C").covers(requester, NOON)
    assert related("caseload", "RL4C", team="north").covers(requester, NOON)
    assert related("caseload", "RL4C", account=account).covers(requester, NOON)


@pytest.mark.parametrize(
    "relationship",
    [
        pytest.param(related("caseload", "8A999"), id="another organisation"),
        pytest.param(related("caseload", "RL4C", team="south"), id="another team"),
        pytest.param(related("caseload", "RL4C", account=Account(NURSE.issuer, "other")), id="another user"),
        pytest.param(
            related("caseload", "RL4C", account=Account("other", NURSE.subject)), id="another provider's user"
        ),
    ],
)
def test_8_a_relationship_of_others_covers_nobody_else(relationship: Any) -> None:
    assert not relationship.covers(replace(NURSE, teams=frozenset({"north"})), NOON)


@given(any_world, st.text(), st.text())
def test_9_a_decision_depends_on_the_selected_role_alone(world: World, name: str, session: str) -> None:
    renamed = replace(world, requester=replace(world.requester, name=name, session=session))
    assert renamed.decide(wulfrun.agreements) == world.decide(wulfrun.agreements)


def test_9_no_requester_can_bring_a_second_role() -> None:
    assert [each.name for each in fields(Requester) if "role" in each.name] == ["role"]


NEVER_IN_AN_EMERGENCY = {Sensitivity.BARRED, Sensitivity.SEALED, Sensitivity.LOCATING, Sensitivity.SEXUAL_HEALTH}


@given(any_world)
def test_10_a_guest_reads_the_profiles_headings_while_invited_and_accepted_and_on_the_agenda(world: World) -> None:
    guest = world.knowing(relationships=(), openings=())
    profiles = {profile.id: profile for profile in LAW.guests}
    decision = guest.decide(wulfrun.agreements)
    assert decision.denied or guest.action == READ
    for label, permission in decision.permitted.items():
        opening = [profiles[clause.removeprefix("wulfrun/")] for clause in permission.clauses]
        assert any(label.category in LAW.expand(profile.categories) for profile in opening)
        assert any(
            one.accepted and one.on_agenda and one.account == account_of(guest.requester)
            and one.started - profile.lead <= guest.at < one.ended + profile.lag
            for one in guest.facts.invitations for profile in opening if one.profile == profile.profile
        )  # fmt: skip


def test_10_some_worlds_let_a_guest_in() -> None:
    """Else the one above would say nothing."""
    started, ended = NOON, NOON + HOUR
    invited = Invitation(
        id="1", profile="hospice", account=account_of(HOSPICE), organisation=HOSPICE.organisation, started=started,
        ended=ended, accepted=True, on_agenda=True,
    )  # fmt: skip
    world = World(HOSPICE, PersonFacts(nhs_numbers=frozenset({HERS}), invitations=(invited,)), READ, Purpose("mdt"))
    assert not world.decide(wulfrun.agreements).denied
    for lacking in ({"accepted": False}, {"on_agenda": False}, {"ended": NOON}, {"profile": "housing"}):
        assert world.knowing(invitations=(replace(invited, **lacking),)).decide(wulfrun.agreements).denied, lacking
    for action in ("find", "export", "history"):
        assert replace(world, action=Action(action)).decide(wulfrun.agreements).denied, action


@given(any_world)
def test_13_emergency_access_lifts_no_bar_of_statute_and_no_location_restriction(world: World) -> None:
    emergency = opened(NOON, NOON + HOUR)
    hidden = replace(world, requester=DOCTOR).knowing(
        flags=flagged("location-restricted", by="VCS01"), openings=emergency.facts.openings
    )
    assert not {label.sensitivity for label in hidden.decide(wulfrun.agreements).permitted} & NEVER_IN_AN_EMERGENCY


def test_13_nobody_opens_their_own_record_in_an_emergency() -> None:
    own = opened(NOON, NOON + HOUR).knowing(nhs_numbers=frozenset({HERS, HIS}))
    assert own.decide(wulfrun.agreements).denied


def test_13_a_suspended_agreement_gives_nothing_in_an_emergency() -> None:
    suspended = compile_agreements([changed(LAW, status="suspended")])
    assert not opened(NOON, NOON + HOUR).decide(wulfrun.agreements).denied
    assert opened(NOON, NOON + HOUR).decide(suspended).denied


@given(any_world)
def test_15_an_upheld_objection_denies_but_for_the_purposes_that_override_it(world: World) -> None:
    free = world.knowing(objections=()).decide(wulfrun.agreements)
    objected = world.knowing(objections=(OBJECTION,)).decide(wulfrun.agreements)
    overriding = ("safeguarding", "access-review")
    assert objected == free if world.purpose in overriding else objected.denied


@given(any_world)
def test_15_lifting_an_objection_restores_exactly_what_was_decided_before(world: World) -> None:
    free = world.knowing(objections=()).decide(wulfrun.agreements)
    for lifted in (replace(OBJECTION, ended=NOON), replace(OBJECTION, upheld=False)):
        assert world.knowing(objections=(lifted,)).decide(wulfrun.agreements) == free


@pytest.mark.parametrize(("about", "word"), [("category", Category("medications")), ("organisation", OdsCode("RL4"))])
def test_15_an_objection_hides_what_it_is_about_and_nothing_else(about: str, word: str) -> None:
    scope = "category" if about == "category" else "source"
    objection = replace(OBJECTION, scope=scope, **{about: word})  # type: ignore[arg-type]
    free = NURSE_AND_HER_PATIENT.decide(wulfrun.agreements).permitted
    left = NURSE_AND_HER_PATIENT.knowing(objections=(objection,)).decide(wulfrun.agreements).permitted
    hidden = {label for label in free if word in (label.category, label.controller)}
    assert hidden
    assert free.keys() - left.keys() == hidden


def test_15_where_a_clause_speaks_of_some_headings_an_objection_to_everything_hides_those_alone() -> None:
    [clause] = [each for each in LAW.prohibitions if each.when.objection]
    narrow = changed(clause, when=changed(clause.when, category=("medications",)))
    others = tuple(each for each in LAW.prohibitions if each is not clause)
    agreements = compile_agreements([changed(LAW, prohibitions=(*others, narrow))])
    free = NURSE_AND_HER_PATIENT.decide(agreements).permitted
    left = NURSE_AND_HER_PATIENT.knowing(objections=(OBJECTION,)).decide(agreements).permitted
    assert free.keys() - left.keys() == {label for label in free if label.category == "medications"} != set()


@pytest.mark.parametrize(
    ("objection", "requester", "denied"),
    [
        ({"scope": "recipient", "organisation": OdsCode("RL4C")}, NURSE, True),
        ({"scope": "recipient", "organisation": OdsCode("RL4")}, NURSE, False),
        ({"scope": "user", "account": account_of(NURSE)}, NURSE, True),
        ({"scope": "user", "account": account_of(NURSE)}, replace(NURSE, subject="another"), False),
    ],
)
def test_15_an_objection_to_a_recipient_or_a_user_denies_them_alone(
    objection: dict[str, Any], requester: Requester, denied: bool
) -> None:
    world = replace(NURSE_AND_HER_PATIENT, requester=requester)
    objected = world.knowing(objections=(replace(OBJECTION, **objection),)).decide(wulfrun.agreements)
    assert objected.denied == denied
    assert denied or objected == world.decide(wulfrun.agreements)


@given(any_world, st.sampled_from(["north", "north/2026-11-22"]))
def test_15_an_objection_to_a_meeting_takes_away_what_the_meeting_gives_and_nothing_else(
    world: World, meeting: str
) -> None:
    free = world.knowing(objections=())
    team = None if "/" in meeting else meeting
    objection = replace(OBJECTION, scope="meeting", meeting=meeting, team=team)
    without_it = free.knowing(
        relationships=tuple(each for each in world.facts.relationships if team is None or each.team != team),
        invitations=tuple(each for each in world.facts.invitations if not f"{each.meeting}/".startswith(f"{meeting}/")),
    )
    objected = free.knowing(objections=(objection,)).decide(wulfrun.agreements)
    expected = without_it.decide(wulfrun.agreements)
    assert (objected.granted, objected.prohibitions) == (expected.granted, expected.prohibitions)


def test_15_who_objects_to_a_team_is_hidden_from_it_and_not_from_their_own_nurse() -> None:
    member = replace(NURSE, teams=frozenset({"north"}))
    caseload, team = related("caseload", "RL4C"), related("mdt-caseload", "RL4C", team="north")
    at_the_meeting = World(member, PersonFacts(relationships=(caseload, team)), READ, Purpose("mdt"))
    objection = replace(OBJECTION, scope="meeting", meeting="north", team="north")
    objecting = at_the_meeting.knowing(objections=(objection,))
    assert not at_the_meeting.decide(wulfrun.agreements).denied
    assert objecting.decide(wulfrun.agreements).denied
    own = replace(objecting, purpose=Purpose("direct-care")).decide(wulfrun.agreements)
    assert own.permitted == replace(at_the_meeting, purpose=Purpose("direct-care")).decide(wulfrun.agreements).permitted


@given(any_world)
def test_16_the_national_data_opt_out_changes_no_decision_about_individual_care(world: World) -> None:
    opted_out = world.knowing(national_data_opt_out=not world.facts.national_data_opt_out)
    assert opted_out.decide(wulfrun.agreements) == world.decide(wulfrun.agreements)


@given(any_world)
def test_17_nobody_sees_their_own_record_by_any_action_after_merges_too(world: World) -> None:
    own = replace(world, requester=replace(world.requester, nhs_number=HIS))
    assert own.knowing(nhs_numbers=frozenset({HERS, HIS})).decide(wulfrun.agreements).denied


WITH_CHAPLAIN = compile_agreements([changed(LAW, roles=LAW.roles | {Role("chaplain"): LAW.roles[Role("gp")]})])


@given(any_world)
def test_34_a_new_role_changes_no_existing_decision(world: World) -> None:
    assert world.decide(WITH_CHAPLAIN).permitted == world.decide(wulfrun.agreements).permitted
