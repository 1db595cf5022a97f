"""Several agreements at once: what any of them grants, but for what any of them forbids."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sharing.compile import compile_agreements, version_of
from app.sharing.explain import explain
from app.sharing.facts import Invitation, PersonFacts, account_of
from app.sharing.written.document import Agreement, Effective, Prohibition, When
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Purpose
from tests.sharing.worlds import (
    HOUR,
    LAW,
    NOON,
    OBJECTION,
    World,
    changed,
    corner,
    flagged,
    opening_by,
    related,
    someone,
    worlds,
)

CORNER = corner.agreements.documents[0]
WORLD = World(someone("nurse", "TTT"), PersonFacts(relationships=(related("referral", "TTT"),)), READ, Purpose("care"))
LEGAL, PROBLEM = (Label(OdsCode("TTT"), Category(code), Sensitivity.NORMAL) for code in ("legal", "problems"))


def beside(**parts: object) -> Agreement:
    """A second agreement of the same parties, by another name."""
    return changed(CORNER, isa="annex", emergency_access=None, guests=(), **parts)


def forbidding(**when: object) -> Prohibition:
    return Prohibition(id="X-MORE", reason="a test", when=When.model_validate(when), override="never", notice="silent")


def test_what_any_agreement_grants_is_granted() -> None:
    legal = changed(CORNER.grants[0], id="G-LEGAL", categories=("legal",))
    permitted = WORLD.decide(compile_agreements([CORNER, beside(grants=(legal,))])).permitted
    assert permitted[LEGAL].clauses == ("annex/G-LEGAL",)
    assert permitted[PROBLEM].clauses == ("corner/G-NURSE",)


def test_what_any_agreement_forbids_is_forbidden_whoever_granted_it() -> None:
    annex = beside(grants=(), prohibitions=(*CORNER.prohibitions, forbidding(category=("problems",))))
    decision = WORLD.decide(compile_agreements([CORNER, annex]))
    assert PROBLEM not in decision.permitted
    assert "annex/X-MORE" in decision.prohibitions
    assert PROBLEM in WORLD.decide(compile_agreements([CORNER])).permitted


def test_one_agreement_cannot_override_another_s_objection() -> None:
    lenient = tuple(
        changed(each, override=("care", "protection")) if each.id == "X-OBJECTION" else each
        for each in CORNER.prohibitions
    )
    objected = WORLD.knowing(objections=(OBJECTION,))
    assert not objected.decide(compile_agreements([changed(CORNER, prohibitions=lenient)])).denied
    assert objected.decide(compile_agreements([changed(CORNER, prohibitions=lenient), beside(grants=())])).denied


def test_a_prohibition_to_one_party_leaves_the_others() -> None:
    agreement = changed(CORNER, prohibitions=(forbidding(to=("council",)),))
    carer = World(
        someone("carer", "CCC"), PersonFacts(relationships=(related("referral", "CCC"),)), READ, Purpose("care")
    )
    assert carer.decide(compile_agreements([agreement])).denied
    assert not WORLD.decide(compile_agreements([agreement])).denied


def test_every_decision_names_the_agreements_in_force_with_the_hash_of_what_they_say() -> None:
    decision = WORLD.decide(compile_agreements([LAW, CORNER, beside(status="draft")]))
    assert decision.agreements == (version_of(CORNER), version_of(LAW))
    assert str(decision.agreements[0]) == f"corner@1.0.0#{version_of(CORNER).sha256}"


@pytest.mark.parametrize("status", ["draft", "simulated", "approved", "suspended", "ended"])
def test_an_agreement_that_is_not_in_force_gives_nothing(status: str) -> None:
    decision = WORLD.decide(compile_agreements([changed(CORNER, status=status)]))
    assert decision.denied
    assert decision.alarm == "no agreement in force"


def test_a_new_version_takes_over_on_the_day_on_which_the_old_one_ends() -> None:
    old = changed(CORNER, effective=Effective(from_=date(2026, 4, 1), to=date(2026, 11, 22)))
    new = changed(
        CORNER,
        version="2.0.0",
        grants=CORNER.grants[1:],
        effective=Effective(from_=date(2026, 11, 22), to=date(2028, 1, 1)),
    )
    decision = WORLD.decide(compile_agreements([old, new]))
    assert [version.version for version in decision.agreements] == ["2.0.0"]
    assert decision.denied


def test_a_role_that_only_an_ended_agreement_knows_is_denied_without_alarm() -> None:
    ended = changed(LAW, status="ended")
    nurse = World(
        someone("community-nurse", "RL4C"),
        PersonFacts(relationships=(related("caseload", "RL4C"),)),
        READ,
        Purpose("care"),
    )
    agreements = compile_agreements([CORNER, ended])
    decision = nurse.decide(agreements)
    assert (decision.denied, decision.alarm) == (True, None)
    explained = explain(
        nurse.requester,
        PROBLEM,
        action=nurse.action,
        purpose=nurse.purpose,
        facts=nurse.facts,
        agreements=agreements,
        at=nurse.at,
    )
    assert (explained.permitted, explained.deciding, explained.counterfactual) == (False, (), None)


def test_the_hash_changes_with_what_an_agreement_says_and_with_nothing_else() -> None:
    turned = changed(CORNER, grants=CORNER.grants[::-1], parties=CORNER.parties[::-1])
    assert version_of(turned) == version_of(CORNER)
    assert version_of(changed(CORNER, roles=dict(reversed(CORNER.roles.items())))) == version_of(CORNER)
    assert version_of(changed(CORNER, status="suspended")) == version_of(CORNER)
    signed_later = tuple(changed(party, signed=date(2026, 11, 22)) for party in CORNER.parties)
    assert version_of(changed(CORNER, parties=signed_later)) == version_of(CORNER)
    assert version_of(changed(CORNER, title="Another")) != version_of(CORNER)
    assert version_of(changed(CORNER, grants=CORNER.grants[:-1])) != version_of(CORNER)


def test_obligations_are_those_of_what_is_given_and_those_of_flags() -> None:
    carer = World(
        someone("carer", "CCC"), PersonFacts(relationships=(related("referral", "CCC"),)), READ, Purpose("care")
    )
    assert WORLD.decide(corner.agreements).obligations == {"audit"}
    assert carer.decide(corner.agreements).obligations == {"audit", "tell"}
    assert WORLD.knowing(flags=flagged("staff-or-vip")).decide(corner.agreements).obligations == {"audit", "explain"}
    assert WORLD.knowing(relationships=()).decide(corner.agreements).obligations == {"audit"}
    refused = WORLD.knowing(relationships=(), flags=flagged("staff-or-vip")).decide(corner.agreements)
    assert refused.obligations == {"audit"}  # it must not tell whom it is about


def test_what_a_clause_obliges_to_is_not_owed_where_it_gives_nothing() -> None:
    carer = someone("carer", "CCC")
    meeting = Invitation(
        id="1",
        profile="visitor",
        account=account_of(carer),
        organisation=carer.organisation,
        started=NOON,
        ended=NOON + HOUR,
        accepted=True,
        on_agenda=True,
    )
    facts = PersonFacts(relationships=(related("referral", "CCC"),), invitations=(meeting,))
    both = World(carer, facts, READ, Purpose("care"))
    assert "tell" in both.decide(corner.agreements).obligations
    invited_alone = both.knowing(flags=flagged("dissent", by="CCC")).decide(corner.agreements)
    assert [grant.clause for grant in invited_alone.granted] == ["corner/V-CARER"]
    assert invited_alone.obligations == {"audit"}


def test_an_objection_gives_way_to_an_emergency_only_where_the_agreement_says_so() -> None:
    opening = opening_by(WORLD.requester, NOON, NOON + HOUR)
    emergency = WORLD.knowing(relationships=(), openings=(opening,), objections=(OBJECTION,))
    assert {label.category for label in emergency.decide(corner.agreements).permitted} == {"medications"}
    assert emergency.decide(corner.agreements).obligations == {"audit", "explain"}


STRICTER = [
    forbidding(category=("problems",)),
    forbidding(sensitivity=("locating",)),
    forbidding(controller=("council",)),
    forbidding(flag="dissent"),
    forbidding(objection="upheld"),
]


@given(worlds(CORNER), st.lists(st.sampled_from(STRICTER), max_size=3), st.lists(st.sampled_from(CORNER.prohibitions)))
def test_of_several_agreements_the_most_restrictive_prohibition_wins(
    world: World, theirs: list[Prohibition], ours: list[Prohibition]
) -> None:
    """What both forbid together is what either forbids: nothing that one says lifts what another forbids."""
    lenient, annex = changed(CORNER, prohibitions=tuple(ours)), beside(prohibitions=tuple(theirs))
    free, free_annex = changed(CORNER, prohibitions=()), beside(prohibitions=())
    together = world.decide(compile_agreements([lenient, annex])).mask
    by_ours = world.decide(compile_agreements([lenient, free_annex])).mask
    by_theirs = world.decide(compile_agreements([free, annex])).mask
    assert together == by_ours & by_theirs
