"""What a partner says of its own numbers: the record follows, and can be brought back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import Engine

from app.audit.acting import COMMAND_LINE, Acting
from app.intake.arriving.inbox import State
from app.intake.process import Processed, replay
from app.intake.worklist.settling import NotSettled, undo_merge
from app.record.kept.encode import version_id
from app.sharing.facts import Account
from app.vocabulary.statement import IdentityChange, MergeKind, Subject
from tests.adapters.acute_feed import message, pv1, segment
from tests.intake.feed import KEY, NOON, Speaking, about, column, findings, process, rows, send, tell
from tests.person.people import COUNCIL, MARY, NUMBERS, said

ROSA, DOUBLE = NUMBERS[:2]
BY_KIT = Acting(by=Account(COMMAND_LINE, "kit"), at=NOON + timedelta(hours=1), new_id=uuid4, key=KEY)


def pid(number: str, nhs_number: str = ROSA.digits, **fields: str) -> str:
    """Rosa Ferrante, under one of the trust's numbers."""
    numbered = f"{number}^^^RL4^MR~{nhs_number}^^^NHS^NH" if nhs_number else f"{number}^^^RL4^MR"
    told = {3: numbered, 5: "FERRANTE^ROSA", 7: "19480214", 8: "2", 11: "1 Canal Street^^Wulfrun^^ZX1 1AA^^H"}
    return segment("PID", told | {int(name.removeprefix("field_")): text for name, text in fields.items()})


TRACED = segment("ZU1", {27: "01"})


def hear(engine: Engine, text: str) -> Processed:
    """Send a message and process it."""
    send(engine, text.encode(), adapter="acute-hl7v2")
    processed = process(engine)
    assert processed is not None
    assert processed.state is State.PROCESSED
    return processed


def registered(engine: Engine, number: str, nhs_number: str = ROSA.digits, **fields: str) -> UUID:
    """Let the trust know somebody: who they are, their practice, their son, and what they cannot take."""
    practice = segment("PD1", {3: "Canal Street Practice^^M92002"})
    son = "NK1|1|FERRANTE^LUCA|SON||||N"
    allergy = "AL1|1||764146007^Allergy to penicillin^SCT||rash"
    hear(engine, message("ADT^A28", pid(number, nhs_number, **fields), practice, son, allergy, TRACED))
    (person,) = column(engine, "SELECT person_id FROM person_identifier WHERE local_id = %s", number)
    assert isinstance(person, UUID)
    return person


def admitted(engine: Engine, number: str, visit: str, nhs_number: str = ROSA.digits) -> None:
    """Let the trust admit somebody, with a diagnosis."""
    diagnosis = "DG1|1|ICD10|I63.9^Cerebral infarction^ICD10||20260209|F"
    hear(engine, message("ADT^A01", pid(number, nhs_number), pv1(number=visit), diagnosis, TRACED))


def result(engine: Engine, number: str, report: str, nhs_number: str = ROSA.digits, **fields: str) -> None:
    """Let the trust report a blood count."""
    counted = f"OBR|1|{report}|{report}|26604007^Full blood count^SCT|||20260301|||||||||||||||20260301||||F"
    value = "OBX|1|NM|1022431000000105^Haemoglobin^SCT||98|g/L|120-160|L|||F|||20260301"
    hear(engine, message("ORU^R01", pid(number, nhs_number, **fields), counted, value, TRACED))


def changed(engine: Engine, trigger: str, surviving: str, retired: str, *more: str, nhs_number: str = "") -> None:
    """Let the trust say that one of its numbers stands for another."""
    named = retired if "^" in retired else f"{retired}^^^RL4^MR"
    hear(engine, message(f"ADT^{trigger}", pid(surviving, nhs_number), f"MRG|{named}", *more))


def merged(engine: Engine, surviving: str, retired: str) -> None:
    changed(engine, "A40", surviving, retired)


def shown(engine: Engine, person: UUID) -> list[str]:
    """The keys of what is shown of somebody."""
    query = "SELECT key FROM entry WHERE person_id = %s AND standing <> 'entered-in-error' ORDER BY key"
    return column(engine, query, person)


def whole(engine: Engine) -> list[dict[str, Any]]:
    """Every entry, but for how often and when it was written."""
    entries = [dict(row._mapping) for row in rows(engine, "SELECT * FROM entry ORDER BY filed_as, key")]
    for entry in entries:
        resource, summary = (orjson.loads(entry.pop(name)) for name in ("resource", "summary"))
        assert (
            resource["meta"].pop("versionId")
            == version_id(entry["digest"], entry["stored_at"])
            == summary.pop("version")
        )
        del resource["meta"]["lastUpdated"], entry["version"], entry["stored_at"]
        entry |= {"resource": resource, "summary": summary}
    return entries


def relationships(engine: Engine, person: UUID) -> list[tuple[str, bool]]:
    """What counts as somebody's: each kind, and whether it never held; those merged into them are theirs too."""
    query = """
        SELECT kind, revoked IS NOT NULL FROM relationship JOIN person ON person.id = person_id
        WHERE coalesce(merged_into, person.id) = %s ORDER BY key
    """
    return [tuple(row) for row in rows(engine, query, person)]


def trail(engine: Engine) -> list[dict[str, Any]]:
    return column(engine, "SELECT event FROM audit_event ORDER BY chain, sequence")


def refusals(engine: Engine) -> Sequence[Any]:
    return [(rule, severity) for rule, severity, _ in findings(engine) if rule.partition("-")[0] in _CHANGES]


_CHANGES = {"merge", "change", "move"}


# A40 and A34: two are one


@pytest.mark.parametrize("trigger", ["A34", "A40"])
def test_a_merge_moves_the_record_to_whoever_survives(engine: Engine, trigger: str) -> None:
    rosa, double = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits)
    admitted(engine, "H2", "V2", DOUBLE.digits)
    hers = [key for key in shown(engine, double) if not key.startswith("Patient/")]
    assert {"Encounter/V2", "AllergyIntolerance/H2/764146007"} <= set(hers)

    changed(engine, trigger, "H1", "H2")

    assert shown(engine, double) == []
    assert set(hers) < set(shown(engine, rosa))
    resources = [orjson.loads(text) for text in column(engine, "SELECT resource FROM entry WHERE key = 'Encounter/V2'")]
    assert [resource["subject"] for resource in resources] == [{"reference": f"Patient/{rosa}"}]


def test_a_merge_retires_the_account_of_the_person_that_no_longer_counts(engine: Engine) -> None:
    rosa, _ = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits)
    merged(engine, "H1", "H2")

    accounts = [key for key in shown(engine, rosa) if key.startswith("Patient/")]
    assert accounts == ["Patient/H1", "Patient/H1/address", "Patient/H1/gp-practice"]


def test_relationships_follow_a_merge(engine: Engine) -> None:
    rosa, _ = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits)
    admitted(engine, "H2", "V2", DOUBLE.digits)
    assert relationships(engine, rosa) == []

    merged(engine, "H1", "H2")

    assert relationships(engine, rosa) == [("admission", False)]


def test_the_trail_tells_of_a_merge_and_of_its_undoing(engine: Engine) -> None:
    rosa, double = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits)
    merged(engine, "H1", "H2")
    (link,) = column(engine, "SELECT id FROM person_link")
    undo_merge(engine, link, BY_KIT)

    (number,) = column(engine, "SELECT max(id) FROM inbox_message")
    joined, parted = trail(engine)
    both = {"person": str(rosa), "other": str(double)}
    assert joined.items() >= ({"kind": "merge", "reason": f"message-{number}", "subject": "RL4"} | both).items()
    assert parted.items() >= ({"kind": "unmerge", "issuer": "command-line", "subject": "kit"} | both).items()


def test_undoing_a_merge_brings_everything_back_as_it_was(engine: Engine) -> None:
    rosa, double = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits)
    admitted(engine, "H2", "V2", DOUBLE.digits)
    before = whole(engine)
    merged(engine, "H1", "H2")
    assert whole(engine) != before

    (link,) = column(engine, "SELECT id FROM person_link")
    moved = undo_merge(engine, link, BY_KIT)

    assert whole(engine) == before
    former = "SELECT count(*) FROM entry_version f WHERE (f.person_id, f.id) = (e.person_id, e.id)"
    assert column(engine, f"SELECT count(*) FROM entry e WHERE e.version <> 1 + ({former})") == [0]
    assert moved == len([entry for entry in before if entry["person_id"] == double])
    assert (relationships(engine, rosa), relationships(engine, double)) == ([], [("admission", False)])


def test_undoing_a_merge_parts_what_was_filed_while_it_stood(engine: Engine) -> None:
    rosa, double = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits)
    merged(engine, "H1", "H2")
    result(engine, "H2", "R2", DOUBLE.digits)
    result(engine, "H1", "R1")
    admitted(engine, "H2", "V2", DOUBLE.digits)
    assert {"DiagnosticReport/R2/26604007", "DiagnosticReport/R1/26604007"} <= set(shown(engine, rosa))

    (link,) = column(engine, "SELECT id FROM person_link")
    undo_merge(engine, link, BY_KIT)

    assert {"DiagnosticReport/R2/26604007", "Encounter/V2", "Patient/H2"} <= set(shown(engine, double))
    assert "DiagnosticReport/R1/26604007" in shown(engine, rosa)
    assert {filed_as for (filed_as,) in rows(engine, "SELECT filed_as FROM entry WHERE person_id = %s", rosa)} == {rosa}


def test_each_version_goes_where_its_entry_goes(engine: Engine) -> None:
    _, double = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits)
    registered(engine, "H2", DOUBLE.digits, field_11="2 Canal Street^^Wulfrun^^ZX1 1AA^^H")
    assert column(engine, "SELECT person_id FROM entry_version WHERE key = 'Patient/H2/address'") == [double]

    merged(engine, "H1", "H2")

    assert column(engine, "SELECT count(*) FROM entry_version WHERE person_id = %s", double) == [0]


def test_undoing_one_merge_leaves_another_standing(engine: Engine) -> None:
    rosa, double = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits)
    third = registered(engine, "H3", NUMBERS[2].digits)
    merged(engine, "H2", "H3")
    merged(engine, "H1", "H2")
    (last,) = column(engine, "SELECT id FROM person_link WHERE survivor = %s", rosa)
    undo_merge(engine, last, BY_KIT)

    assert shown(engine, third) == []
    assert "AllergyIntolerance/H3/764146007" in shown(engine, double)
    assert "Patient/H2" in shown(engine, double)
    assert "Patient/H3" not in shown(engine, double)


def test_what_was_undone_cannot_be_undone_again(engine: Engine) -> None:
    registered(engine, "H1")
    registered(engine, "H2", DOUBLE.digits)
    merged(engine, "H1", "H2")
    (link,) = column(engine, "SELECT id FROM person_link")
    undo_merge(engine, link, BY_KIT)

    with pytest.raises(NotSettled, match="the two were not parted: already-undone; see `pisano worklist merges`"):
        undo_merge(engine, link, BY_KIT)


def test_two_numbers_of_one_person_are_joined_without_a_link(engine: Engine) -> None:
    """The usual merge: the trust registered somebody twice, each time with their NHS number."""
    rosa = registered(engine, "H1")
    assert registered(engine, "H2") == rosa

    merged(engine, "H1", "H2")

    assert column(engine, "SELECT count(*) FROM person_link") == [0]
    assert refusals(engine) == []
    assert "Patient/H2" not in shown(engine, rosa)
    assert {"Patient/H1", "AllergyIntolerance/H2/764146007"} <= set(shown(engine, rosa))


def test_a_merge_that_names_nhs_numbers_too_is_carried_out(engine: Engine) -> None:
    registered(engine, "H1")
    registered(engine, "H2", DOUBLE.digits)
    changed(engine, "A40", "H1", f"H2^^^RL4^MR~{DOUBLE.digits}^^^NHS^NH", nhs_number=ROSA.digits)

    assert refusals(engine) == []
    assert column(engine, "SELECT count(*) FROM person_link") == [1]


def test_a_merge_told_twice_is_carried_out_once(engine: Engine) -> None:
    rosa, _ = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits)
    merged(engine, "H1", "H2")
    before = shown(engine, rosa)
    hear(engine, message("ADT^A40", pid("H1", ""), "MRG|H2^^^RL4^MR", header={10: "N2"}))

    assert refusals(engine) == []
    assert column(engine, "SELECT count(*) FROM person_link") == [1]
    assert shown(engine, rosa) == before


def test_a_number_that_was_never_sent_names_whoever_it_was_merged_into(engine: Engine) -> None:
    rosa = registered(engine, "H1")
    merged(engine, "H1", "H9")
    result(engine, "H9", "R9", "", field_11="")

    assert "DiagnosticReport/R9/26604007" in shown(engine, rosa)


def test_what_waited_of_a_number_is_filed_once_a_merge_tells_whose_it_is(engine: Engine) -> None:
    rosa = registered(engine, "H1")
    result(engine, "H9", "R9", "", field_11="")  # nobody can be traced without an address
    assert column(engine, "SELECT state FROM waiting") == ["open"]

    merged(engine, "H1", "H9")

    assert column(engine, "SELECT state FROM waiting") == ["filed"]
    assert "DiagnosticReport/R9/26604007" in shown(engine, rosa)


# A47: a number was wrong


def test_under_a_corrected_number_everything_goes_on(engine: Engine) -> None:
    rosa = registered(engine, "H1")
    admitted(engine, "H1", "V1")
    before = shown(engine, rosa)
    changed(engine, "A47", "H7", "H1")

    assert shown(engine, rosa) == sorted(key.replace("/H1", "/H7") for key in before)
    assert "Encounter/V1" in shown(engine, rosa)
    assert registered(engine, "H7") == rosa
    assert shown(engine, rosa) == sorted(key.replace("/H1", "/H7") for key in before)


def test_what_stands_under_the_corrected_number_already_is_not_doubled(engine: Engine) -> None:
    rosa = registered(engine, "H1")
    assert registered(engine, "H7", field_11="2 Canal Street^^Wulfrun^^ZX1 1AA^^H") == rosa
    changed(engine, "A47", "H7", "H1")

    assert [key for key in shown(engine, rosa) if "H1" in key] == []
    (address_line,) = column(
        engine, "SELECT summary FROM entry WHERE key = 'Patient/H7/address' AND standing = 'current'"
    )
    assert b"2 Canal Street" in address_line


# A42: a visit was another's


def test_a_retired_visit_is_shown_no_longer_and_gives_nobody_a_reason_to_look(engine: Engine) -> None:
    rosa = registered(engine, "H1")
    admitted(engine, "H1", "V1")
    admitted(engine, "H1", "V2")
    assert relationships(engine, rosa) == [("admission", False)] * 2

    hear(engine, message("ADT^A42", pid("H1", ""), segment("MRG", {1: "H1^^^RL4^MR", 5: "V1"}), pv1(number="V2")))

    visits = [key for key in shown(engine, rosa) if key.startswith("Encounter/")]
    assert visits
    assert all(key.startswith("Encounter/V2") for key in visits)
    assert relationships(engine, rosa) == [("admission", True), ("admission", False)]
    assert refusals(engine) == []


# What one partner's word is not enough for


def test_whoever_survives_must_be_known(engine: Engine) -> None:
    registered(engine, "H2")
    merged(engine, "H1", "H2")

    assert refusals(engine) == [("merge-surviving-unknown", "refused")]


def test_numbers_that_name_two_people_survive_nobody(engine: Engine) -> None:
    for number, nhs_number in (("H1", ROSA), ("H2", DOUBLE), ("H3", NUMBERS[2])):
        registered(engine, number, nhs_number.digits)
    changed(engine, "A40", "H1", "H2", nhs_number=NUMBERS[2].digits)

    assert refusals(engine) == [("merge-surviving-unknown", "refused")]


def test_people_of_different_birth_dates_are_not_joined_on_one_word(engine: Engine) -> None:
    rosa, double = registered(engine, "H1"), registered(engine, "H2", DOUBLE.digits, field_7="19480215")
    merged(engine, "H1", "H2")

    assert refusals(engine) == [("merge-birth-dates-disagree", "refused")]
    assert "Patient/H2" in shown(engine, double)
    assert [key for key in shown(engine, rosa) if "H2" in key] == []
    assert trail(engine) == []


def test_a_person_whom_others_know_is_not_retired_on_one_word(engine: Engine, spoken: Speaking) -> None:
    theirs = said(MARY, local_id="C2")
    tell(engine, spoken, about(theirs), partner=COUNCIL)
    tell(engine, spoken, about(said(MARY, local_id="H2")))
    tell(engine, spoken, about(said(MARY, local_id="H1", nhs_number=NUMBERS[3])))
    merge = IdentityChange(
        kind=MergeKind.MERGE, surviving=Subject(local_id="H1"), retired=Subject(local_id="H2"), line=4
    )
    tell(engine, spoken, merge)

    assert findings(engine) == [("merge-known-to-others", "refused", 4)]
    assert column(engine, "SELECT count(*) FROM person_link") == [0]


@pytest.mark.parametrize("kind", [MergeKind.MERGE, MergeKind.CHANGE_ID])
def test_a_change_needs_the_partners_own_numbers(engine: Engine, spoken: Speaking, kind: MergeKind) -> None:
    tell(engine, spoken, about(MARY))
    unnamed = Subject(nhs_number=NUMBERS[3])
    tell(
        engine,
        spoken,
        IdentityChange(kind=kind, surviving=Subject(nhs_number=MARY.nhs_number), retired=unnamed, line=4),
    )

    assert findings(engine) == [(f"{kind}-number-missing", "refused", 4)]


def test_a_visit_of_nobody_known_cannot_move(engine: Engine) -> None:
    hear(engine, message("ADT^A42", pid("H1", ""), segment("MRG", {1: "H1^^^RL4^MR", 5: "V1"}), pv1(number="V2")))

    assert refusals(engine) == [("move-visit-visit-unknown", "refused")]


def test_a_refused_change_is_carried_out_when_replayed_once_both_are_known(engine: Engine) -> None:
    registered(engine, "H2", DOUBLE.digits)
    merged(engine, "H1", "H2")
    (refused,) = column(engine, "SELECT max(id) FROM inbox_message")
    rosa = registered(engine, "H1")
    replay(engine, refused, at=NOON)
    process(engine)

    assert refusals(engine) == []
    assert "AllergyIntolerance/H2/764146007" in shown(engine, rosa)


def test_a_corrected_number_must_not_be_another_persons(engine: Engine) -> None:
    registered(engine, "H1")
    registered(engine, "H2", DOUBLE.digits)
    changed(engine, "A47", "H2", "H1")

    assert refusals(engine) == [("change-id-taken", "refused")]


def test_a_number_that_nobody_knows_cannot_be_corrected(engine: Engine) -> None:
    changed(engine, "A47", "H2", "H1")

    assert refusals(engine) == [("change-id-unknown", "refused")]
