"""A team's list says whom it sees, since when, and who has left it."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.caseload import ADAPTER
from app.adapters.registry import adapter
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import (
    Complete,
    Finding,
    Sender,
    Severity,
    Statement,
    Tracing,
    UnreadableMessage,
    Utterance,
)

SENDER = Sender(partner=OdsCode("RL4C"))
HEADINGS = (
    "Person reference,NHS number,NHS number status,Family name,Given name,Date of birth,Postcode,Kind,Team,Telephone,"
    "Date started,Date ended,As at\n"
)
IVY = "C1,999 000 0018,01,Ashe,Ivy,1940-02-29,ZX1 1AA,caseload,Northgate nurses,01632 960200,01/04/2026,,2026-06-30\n"


def said(*rows: str, sender: Sender = SENDER) -> list[Utterance]:
    return list(ADAPTER.read(BytesIO((HEADINGS + "".join(rows)).encode()), sender))


def test_it_is_found_by_its_name() -> None:
    assert adapter("caseload") is ADAPTER


def test_someone_on_a_caseload_gives_the_team_a_relationship() -> None:
    statement, complete = said(IVY)

    assert isinstance(statement, Statement)
    (held,) = statement.relationships
    assert (held.kind, held.started, held.ended) == ("caseload", datetime(2026, 3, 31, 23, tzinfo=UTC), None)
    assert (statement.subject.local_id, statement.subject.tracing) == ("C1", Tracing.VERIFIED)
    assert complete == Complete(prefix="CareTeam/", as_at=date(2026, 6, 30))


def test_a_nurse_reads_whose_caseload_it_is_and_how_to_reach_them() -> None:
    statement = said(IVY)[0]

    assert isinstance(statement, Statement)
    (entry,) = statement.entries
    assert (entry.title, entry.detail) == ("On the caseload of Northgate nurses", "01632 960200")
    assert entry.category in ADAPTER.covers
    whole = {**entry.resource, "id": "1", "subject": {"reference": "Patient/1"}}
    get_fhir_model_class("CareTeam").model_validate(whole)


def test_someone_who_left_the_list_has_no_relationship_any_more() -> None:
    statement = said(IVY.replace("01/04/2026,,", "01/04/2026,2026-05-01,"))[0]

    assert isinstance(statement, Statement)
    assert statement.relationships[0].ended == datetime(2026, 4, 30, 23, tzinfo=UTC)
    assert statement.entries[0].resource["period"] == {"start": "2026-04-01", "end": "2026-05-01"}
    assert statement.entries[0].resource["status"] == "inactive"


@pytest.mark.parametrize(
    ("field", "was", "becomes"),
    [
        ("person-reference", "C1,", ","),
        ("kind", "caseload", "friend"),
        ("started", "01/04/2026", "01/13/2026"),
        ("ended", "01/04/2026,,", "01/04/2026,soon,"),
    ],
)
def test_a_row_that_cannot_be_trusted_is_refused_by_itself(field: str, was: str, becomes: str) -> None:
    refused, kept, _ = said(IVY.replace(was, becomes), IVY)

    assert isinstance(refused, Finding)
    assert (refused.rule, refused.severity, refused.line) == (f"caseload-{field}", Severity.REFUSED, 2)
    assert isinstance(kept, Statement)


def test_a_mistyped_nhs_number_is_told_and_the_person_can_still_be_matched_by_hand() -> None:
    told, statement, _ = said(IVY.replace("999 000 0018", "999 000 0019"))

    assert isinstance(told, Finding)
    assert isinstance(statement, Statement)
    assert statement.subject.nhs_number is None


def test_a_ragged_row_is_refused_by_itself() -> None:
    told, statement, _ = said("C1,999\n", IVY)

    assert isinstance(told, Finding)
    assert isinstance(statement, Statement)


def test_a_partners_own_headings_are_mapped() -> None:
    sender = Sender(partner=OdsCode("RL4C"), columns={"person_reference": "Our ref"})
    text = (HEADINGS + IVY).replace("Person reference", "Our ref")

    (statement, _) = ADAPTER.read(BytesIO(text.encode()), sender)
    assert isinstance(statement, Statement)


def test_a_list_with_nobody_on_it_closes_nothing() -> None:
    assert said() == []


def test_a_refused_row_may_be_anyones_so_nobody_who_is_missing_has_left() -> None:
    refused, told, kept = (said("C2,999\n", IVY)[place] for place in (0, 2, 1))

    assert isinstance(refused, Finding)
    assert isinstance(kept, Statement)
    assert isinstance(told, Finding)
    assert (told.rule, told.severity, told.line) == ("caseload-complete", Severity.WARNING, 2)


@pytest.mark.parametrize("lost", ["9.99E+09,", "####,"])
def test_a_reference_that_a_spreadsheet_rounded_is_refused(lost: str) -> None:
    refused = said(IVY.replace("C1,", lost))[0]

    assert isinstance(refused, Finding)
    assert refused.rule == "caseload-person-reference"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        list(ADAPTER.read(BytesIO(HEADINGS.encode() + content), SENDER))
    except UnreadableMessage as unreadable:
        assert unreadable.finding.text  # noqa: PT017  # that it may be refused is the point
