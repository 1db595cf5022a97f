"""A council's own export, under its own headings."""

import pytest

from app.adapters.housing import CSV
from app.adapters.housing.documents.mapped_csv import FIELDS
from app.adapters.housing.kinds import KINDS
from app.adapters.registry import adapter
from app.vocabulary.statement import Sender, UnreadableMessage
from tests.adapters.housing_feed import COUNCIL, csv_of, hear_csv, hear_rows, hear_sample

OWN = Sender(
    partner=COUNCIL.partner,
    columns={
        "person_id": "Customer No",
        "full_name": "Customer Name",
        "date_of_birth": "DOB",
        "adaptation_id": "Case Ref",
        "works_type": "Nature of Works",
        "application_date": "Date Applied",
    },
    encoding="cp1252",
)


def test_it_is_found_by_name() -> None:
    assert adapter("housing-csv") is CSV


def test_a_council_is_read_under_its_own_headings_and_in_its_own_encoding() -> None:
    message = (
        "Case Ref,Customer Name,Customer No,DOB,Nature of Works,Date Applied,Grant\r\n"
        'D/77,Zoë Hall,C900,01/02/1950,"Lift, through-floor",05/01/2026,"£9,000.00"\r\n'
    ).encode("cp1252")
    said = hear_csv(message, OWN)
    assert said.findings == []
    [statement] = said.statements
    assert (statement.subject.local_id, statement.subject.given_names) == ("C900", ("Zoë",))
    assert said.entry("Task/adaptation/D/77/C900").title == "Lift, through-floor: asked for"


def test_a_missing_heading_refuses_the_file() -> None:
    with pytest.raises(UnreadableMessage, match="Customer No"):
        hear_csv(b"person_id,full_name\r\nP1,Ann Hall\r\n", OWN)


def test_kinds_may_stand_mixed_in_one_file() -> None:
    said = hear_sample("mixed.csv")
    assert said.findings == []
    assert len(said.statements) == 10
    assert {entry.category for entry in said.of("P5")} == {"homelessness"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_row_without_a_record_type_is_told_by_its_own_identifier(kind: object) -> None:
    named = {row.name: row for row in KINDS}
    wanted = next(row for row in KINDS if row is kind)
    row = {"full_name": "Ann Hall", **dict.fromkeys((wanted.key, *wanted.required), "1")}
    told = hear_rows({"record_type": wanted.name, **row})
    untold = hear_rows(row)
    assert told.utterances == untold.utterances
    assert told.statements
    assert wanted.name in named


def test_an_investigation_is_not_mistaken_for_the_report_it_followed() -> None:
    said = hear_rows({"hazard_report_id": "61", "investigation_id": "71"})
    assert [entry.key for entry in said.entries] == ["Task/investigation/71/P1"]


@pytest.mark.parametrize("row", [{"record_type": "rent_account"}, {"record_type": "", "full_name": "Ann Hall"}])
def test_a_row_of_no_known_kind_is_refused(row: dict[str, str]) -> None:
    assert hear_rows(row).refused == ["housing record.record_type"]


def test_a_row_that_names_nobody_is_refused_and_the_next_is_read() -> None:
    said = hear_rows({"person_id": "", "tenancy_id": "T1"}, {"tenancy_id": "T2", "start_date": "2020-01-01"})
    assert said.refused == ["housing tenancy.person_id"]
    assert said.findings[0].line == 2
    assert [statement.line for statement in said.statements] == [3]


def test_a_row_that_does_not_fit_its_headings_is_refused() -> None:
    assert hear_csv(b"person_id,tenancy_id\nP1,T1,x\n").refused == ["csv-ragged"]


def test_a_household_member_is_said_of_twice_and_told_of_once() -> None:
    said = hear_rows({"record_type": "household_member_person", "tenant_id": "P0", "full_name": "Kim & Jo Hall"})
    assert [statement.subject.local_id for statement in said.statements] == ["P1", "P0"]
    assert said.of("P0")[0].category == "contacts"
    assert said.warned == ["housing household_member_person.full_name"]


@pytest.mark.parametrize("tenant", ["", "P1"])
def test_a_household_member_is_no_contact_of_nobody_nor_of_themselves(tenant: str) -> None:
    said = hear_rows({"record_type": "household_member_person", "tenant_id": tenant, "full_name": "Kim Hall"})
    assert [statement.subject.local_id for statement in said.statements] == ["P1"]


def test_a_postcode_alone_is_evidence_and_no_address() -> None:
    said = hear_rows({"record_type": "tenant_person", "post_code": "WV1 1AA", "full_name": "Ann Hall"})
    assert said.statements[0].subject.postcode == "WV1 1AA"
    assert [entry.key for entry in said.entries] == ["Patient/P1"]


def test_several_support_needs_are_several_rows() -> None:
    said = hear_rows(
        {"homelessness_case_id": "H1", "support_need": "Old age"},
        {"homelessness_case_id": "H1", "support_need": "Learning disability"},
    )
    assert len({entry.key for entry in said.entries}) == 2


def test_an_identifier_that_is_no_identifier_refuses_the_row() -> None:
    assert hear_rows({"person_id": "x" * 101, "tenancy_id": "T1"}).refused == ["housing tenancy.person_id"]


def test_long_words_in_a_key_are_told_by_their_digest() -> None:
    said = hear_rows({"homelessness_case_id": "H1", "duty": "d" * 500, "start_date": "2026-01-01"})
    [entry], [relationship] = said.entries, said.relationships.values()
    assert entry.key.startswith("EpisodeOfCare/")
    assert max(len(entry.key), len(relationship.key)) < 100
    assert hear_rows({"homelessness_case_id": "H1", "duty": "d" * 501}).entries[0].key != entry.key


def test_a_title_is_one_line_of_a_length_that_is_read() -> None:
    [entry] = hear_rows({"adaptation_id": "A1", "works_type": "Ramp\r\nand rail " + "very " * 90}).entries
    assert entry.title.startswith("Ramp and rail very")
    assert len(entry.title) == 200
    assert entry.resource["code"]["text"].startswith("Ramp\r\nand")


def test_no_column_is_of_money() -> None:
    assert not [
        name for name in FIELDS if any(word in name for word in ("amount", "balance", "cost", "rent", "charge"))
    ]


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ("person_id,tenancy_id\r\nP1,T1\r\n".encode("utf-16"), "csv-encoding"),
        ("person_id,full_name\r\nP1,Zoë\r\n".encode("cp1252"), "csv-encoding"),
        (b'person_id,full_name\r\nP1,"Ann', "csv-truncated"),
        (b"", "csv-empty"),
        (b"person_id,person_id\r\n1,1\r\n", "csv-headings"),
        (b"person_id,full_name\r\nP1," + b"x" * 200_000 + b"\r\n", "csv-row-length"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_whole(message: bytes, rule: str) -> None:
    with pytest.raises(UnreadableMessage) as refusal:
        hear_csv(message)
    assert refusal.value.finding.rule == rule


def test_a_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    message = b"\xef\xbb\xbf" + csv_of([{"person_id": "P1", "tenancy_id": "T1", "start_date": "2020-01-01"}])
    assert hear_csv(message).refused == []
