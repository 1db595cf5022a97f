"""The demonstration agreement, in the words of those who would sign it."""

from dataclasses import replace

import pytest

from app.sharing.checked.examples import Rehearsal
from app.sharing.checked.lint import check_clauses
from app.sharing.checked.mutation import check_strength
from app.sharing.compile import compile_agreements
from app.sharing.facts import PersonFacts
from app.sharing.written.source import Source
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Purpose
from tests.sharing.worlds import LAW, NURSE_AND_HER_PATIENT, World, changed, flagged, related, someone, wulfrun

REHEARSAL = Rehearsal(LAW)

HOUSING_OFFICER = World(
    someone("housing-officer", "WH100"),
    PersonFacts(relationships=(related("tenancy", "WH100"),)),
    READ,
    Purpose("tenancy-support"),
)


def categories_seen(world: World) -> set[str]:
    return {label.category for label in world.decide(wulfrun.agreements).permitted}


def controllers_seen(world: World, category: str) -> set[str]:
    permitted = world.decide(wulfrun.agreements).permitted
    return {label.controller for label in permitted if label.category == category}


@pytest.mark.parametrize("example", LAW.examples, ids=lambda example: example.says)
def test_the_examples_hold(example: object) -> None:
    assert isinstance(example, type(LAW.examples[0]))
    assert REHEARSAL.breaches(example) == []


def test_housing_officer_sees_no_medications() -> None:
    assert "medications" not in categories_seen(HOUSING_OFFICER)


@pytest.mark.parametrize("category", ["problems", "results", "risks", "legal", "formulation", "documents"])
def test_housing_officer_sees_nothing_clinical(category: str) -> None:
    assert category not in categories_seen(HOUSING_OFFICER)


def test_housing_officer_sees_nothing_from_mental_health() -> None:
    assert "RRE" not in {label.controller for label in HOUSING_OFFICER.decide(wulfrun.agreements).permitted}


def test_housing_officer_sees_the_home_the_tenancy_and_whom_to_call() -> None:
    assert {"home", "tenancy", "tenancy-risk", "equipment", "staff-safety", "care-team"} <= categories_seen(
        HOUSING_OFFICER
    )
    assert controllers_seen(HOUSING_OFFICER, "care-team") == {"LA508"}


def test_housing_officer_sees_no_package_of_care() -> None:
    assert "care-packages" not in categories_seen(HOUSING_OFFICER)


def test_community_nurse_sees_medicines_care_and_the_home() -> None:
    assert {"medications", "allergies", "care-packages", "home", "staff-safety"} <= categories_seen(
        NURSE_AND_HER_PATIENT
    )


def test_community_nurse_sees_no_therapy_notes() -> None:
    assert "formulation" not in categories_seen(NURSE_AND_HER_PATIENT)
    assert "RRE" not in controllers_seen(NURSE_AND_HER_PATIENT, "encounters")


@pytest.mark.parametrize(
    ("role", "organisation", "kind", "sees"),
    [
        ("community-nurse", "RL4C", "caseload", False),
        ("gp", "M92001", "registration", False),
        ("acute-clinician", "RL4", "admission", True),
        ("social-worker", "LA508", "care-package", True),
        ("mental-health-practitioner", "RRE", "referral", True),
    ],
)
def test_a_detention_is_seen_by_those_whom_it_binds(role: str, organisation: str, kind: str, sees: bool) -> None:
    facts = PersonFacts(relationships=(related(kind, organisation),))
    world = World(someone(role, organisation), facts, READ, Purpose("direct-care"))
    permitted = world.decide(wulfrun.agreements).permitted
    assert sees == any(label.category == "legal" and label.sensitivity == "restricted" for label in permitted)


def test_a_location_restriction_raised_by_one_partner_hides_where_someone_is_in_every_partner_s_entries() -> None:
    free = NURSE_AND_HER_PATIENT.decide(wulfrun.agreements).permitted
    hidden = NURSE_AND_HER_PATIENT.knowing(flags=flagged("location-restricted", by="WH100"))
    left = hidden.decide(wulfrun.agreements).permitted
    assert {label.controller for label in free if label.sensitivity is Sensitivity.LOCATING} > {OdsCode("RL4")}
    assert free.keys() - left.keys() == {label for label in free if label.sensitivity is Sensitivity.LOCATING}


@pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure
def test_domestic_abuse_is_seen_by_the_social_worker_who_protects_and_by_nobody_else() -> None:
    seeing = set()
    for ask in wulfrun.agreements.laws[1].terms:
        everyone = tuple(related(kind, ask.organisation) for kind in LAW.relationships)
        world = World(someone(ask.role, ask.organisation), PersonFacts(relationships=everyone), ask.action, ask.purpose)
        if any(label.sensitivity == "domestic-abuse" for label in world.decide(wulfrun.agreements).permitted):
            seeing.add((ask.role, ask.purpose))
    assert seeing == {("social-worker", "safeguarding")}


@pytest.mark.parametrize("sensitivity", [Sensitivity.BARRED, Sensitivity.SEALED, Sensitivity.SEXUAL_HEALTH])
def test_nobody_sees_what_is_barred_sealed_or_of_sexual_health(sensitivity: Sensitivity) -> None:
    lattice = wulfrun.agreements.lattice
    never = lattice.of_sensitivity[sensitivity]
    assert not any(terms.reach & never for terms in wulfrun.agreements.laws[1].terms.values())


def test_whoever_asks_in_a_role_that_their_organisation_has_not_sees_nothing() -> None:
    nurse_at_housing = replace(HOUSING_OFFICER.requester, role=someone("community-nurse", "XX").role)
    assert replace(HOUSING_OFFICER, requester=nurse_at_housing).decide(wulfrun.agreements).denied


def test_the_information_governance_lead_sees_who_someone_is_and_what_they_asked() -> None:
    facts = PersonFacts(relationships=(related("complaint", "RL4"),))
    world = World(someone("ig-lead", "RL4"), facts, READ, Purpose("access-review"))
    assert categories_seen(world) == {Category("demographics"), Category("sharing-preferences")}


@pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure
def test_every_clause_of_the_demonstration_is_held_by_an_example() -> None:
    source = Source("wulfrun.yaml")
    check_strength(LAW, source)
    assert source.findings == []


def test_no_clause_is_dead_and_no_word_unused() -> None:
    source = Source("wulfrun.yaml")
    check_clauses(LAW, source)
    assert source.findings == []


def test_the_bar_on_sexual_health_holds_against_another_agreement() -> None:
    naming = changed(LAW.grants[1], id="G-CLINIC", sensitivities=(Sensitivity.SEXUAL_HEALTH,))
    clinic = changed(LAW, isa="clinic", grants=(naming,), prohibitions=())
    alone, beside = compile_agreements([clinic]), compile_agreements([clinic, LAW])
    assert "sexual-health" in {label.sensitivity for label in NURSE_AND_HER_PATIENT.decide(alone).permitted}
    assert "sexual-health" not in {label.sensitivity for label in NURSE_AND_HER_PATIENT.decide(beside).permitted}
