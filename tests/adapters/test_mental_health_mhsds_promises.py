"""What holds of everything that the adapter says, whatever the extract: validity, silence, labels, memory."""

import csv
import io
import json
import random
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import example, given
from hypothesis import strategies as st

from app.adapters import registry
from app.adapters.mental_health_mhsds import ADAPTER
from app.adapters.mental_health_mhsds.tables import NEVER_EMPTY, NOT_READ, TABLES
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Complete, Entry, UnreadableMessage
from tests.adapters.mhsds_extract import SENDER, Tables, entries, findings, read, sample, statements, zipped

PERSON = {"reference": "Patient/1"}
ENTRIES = entries(read(sample()))
NAMES = sorted(sample())


def everything_said(tables: Tables) -> str:
    """All that leaves the adapter, as text: entries, relationships and findings with all their fields."""
    said = read(tables)
    told = [
        [statement.relationships, statement.flags, *map(fields, statement.entries)] for statement in statements(said)
    ]
    return json.dumps([told, findings(said)], default=repr)


def fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def test_the_adapter_is_found_by_its_name() -> None:
    assert registry.adapter("mental-health-mhsds") is ADAPTER


def test_the_headings_it_claims_to_cover_are_those_it_speaks_under() -> None:
    assert ADAPTER.covers == {entry.category for entry in ENTRIES.values()}


@pytest.mark.parametrize("key", sorted(ENTRIES))
def test_every_resource_is_fhir_r4(key: str) -> None:
    resource = {**ENTRIES[key].resource, "id": "1"}
    kind = resource["resourceType"]
    if kind == "Appointment":
        resource["participant"] = [{"actor": PERSON, "status": "accepted"}, *resource["participant"]]
    elif kind != "Patient":
        resource["subject"] = PERSON
    assert get_fhir_model_class(kind).model_validate(resource)


@pytest.mark.parametrize("name", sorted(set(TABLES) - set(NEVER_EMPTY)))
def test_every_table_that_is_described_is_read(name: str) -> None:
    assert read({table: text for table, text in sample().items() if table != name}) != read(sample())


def test_no_table_is_both_read_and_passed_over() -> None:
    spellings = frozenset[str]().union(*(table.spellings for table in TABLES.values()))
    assert NOT_READ.isdisjoint(spellings)
    assert {name.casefold() for name in NAMES} <= NOT_READ | spellings


def test_nothing_of_restraint_assault_and_police_is_imported() -> None:
    assert "NEVER505" in sample()["MHS505RestrictiveInterventInc"]
    said = everything_said(sample())
    assert not [marker for marker in ("NEVER", "MHS505", "MHS515", "MHS516", "estrict" + "iveInt") if marker in said]


@pytest.mark.parametrize(("table", "column"), [("MHS005PatInd", "OffenceHistory"), ("MHS001MPI", "GenderSameAtBirth")])
def test_no_trace_of_what_must_not_be_imported(table: str, column: str) -> None:
    tables = sample()
    rows = list(csv.reader(io.StringIO(tables[table])))
    place = rows[0].index(column)
    outputs = set()
    for answer in ("N", "Y", "1", "3", "nonsense"):
        changed = [[*row[:place], answer, *row[place + 1 :]] for row in rows[1:]]
        text = "\n".join(map(",".join, [rows[0], *changed])) + "\n"
        outputs.add(everything_said(tables | {table: text}))
    assert outputs == {everything_said(tables)}
    assert column not in outputs.pop()


def test_the_visitor_s_postcode_and_the_site_of_a_contact_are_not_imported() -> None:
    said = everything_said(sample())
    assert not [secret for secret in ("WV9 9ZZ", "TAJ12", "TAJ99", "EE133123") if secret in said]


def test_nothing_that_locates_stands_in_an_entry_of_another_label() -> None:
    locating = ("WV1", "WV2", "WV3", "ASH", "OAK", "TAJ01", "M9200", "Rough sleeper", "place of residence")
    shown = [entry for entry in ENTRIES.values() if entry.sensitivity is Sensitivity.NORMAL]
    referrers = {"ServiceRequest/R1"}  # whose GP practice referred: told as who asked, in the referral
    for entry in shown:
        text = json.dumps(fields(entry) | {"key": ""}, default=str)
        found = [word for word in locating if word in text]
        assert not found or (entry.key in referrers and found == ["M9200"])


def test_nothing_that_tells_of_detention_stands_in_an_entry_that_is_not_restricted() -> None:
    telling = (
        "etained",
        "Section ",
        "orensic",
        "enal",
        "ecure",
        "safety",
        "Safety",
        "ealth Act",
        "ealth advocate",
        "ustice",
    )
    for entry in ENTRIES.values():
        if entry.sensitivity is not Sensitivity.RESTRICTED:
            text = json.dumps([entry.resource, entry.title, entry.detail])
            assert not [word for word in telling if word in text], entry.key


def test_no_snapshot_is_claimed_as_a_submission_is_none() -> None:
    assert not [said for said in read(sample()) if isinstance(said, Complete)]


def test_keys_come_from_the_source_and_never_from_a_place_in_the_file() -> None:
    reversed_rows = {}
    for name, text in sample().items():
        headings, *rows = text.splitlines()
        reversed_rows[name] = "\n".join([headings, *reversed(rows)]) + "\n"
    again = entries(read(reversed_rows))
    assert {key: fields(entry) | {"line": 0} for key, entry in again.items()} == {
        key: fields(entry) | {"line": 0} for key, entry in ENTRIES.items()
    }


def test_each_finding_and_entry_names_the_line_of_its_row() -> None:
    tables = sample()
    lines = {statement.line for statement in statements(read(tables)) if statement.subject.local_id == "MH0003"}
    assert 4 in lines
    for entry in ENTRIES.values():
        assert 2 <= entry.line <= 8


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(UnreadableMessage):
        read(content)


WHOLE = zipped(sample())


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_zip_is_read_or_refused(place: int, damage: bytes) -> None:
    with suppress(UnreadableMessage):
        read(WHOLE[:place] + damage + WHOLE[place + len(damage) :])


DIRECTORY = WHOLE.index(b"PK\x01\x02")


@given(st.integers(DIRECTORY, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
@example(DIRECTORY + len("PK\x01\x02") + 42, b"\0")  # a file without a name
def test_a_damaged_directory_is_read_or_refused(place: int, damage: bytes) -> None:
    with suppress(UnreadableMessage):
        read(WHOLE[:place] + damage + WHOLE[place + len(damage) :])


@given(st.sampled_from(NAMES), st.data())
def test_a_damaged_table_is_read_or_refused_and_no_finding_holds_what_was_sent(name: str, data: st.DataObject) -> None:
    tables = sample()
    place = data.draw(st.integers(0, len(tables[name]) - 1))
    damage = data.draw(st.text(st.characters(codec="utf-8"), max_size=6))
    tables[name] = tables[name][:place] + damage + tables[name][place + data.draw(st.integers(0, 6)) :]
    with suppress(UnreadableMessage):
        for found in findings(read(tables)):
            assert not [secret for secret in ("MH000", "99910000", "WV1", "1958", "C1") if secret in found.text]


@given(st.sampled_from(NAMES), st.data())
def test_a_changed_value_never_breaks_the_reading(name: str, data: st.DataObject) -> None:
    tables = sample()
    rows = list(csv.reader(io.StringIO(tables[name])))
    row = data.draw(st.integers(1, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    rows[row][column] = data.draw(
        st.one_of(
            st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=25),
            st.from_regex(r"[0-9E+.:/ TZ-]{1,25}", fullmatch=True),
        )
    )
    changed = io.StringIO()
    csv.writer(changed).writerows(rows)
    tables[name] = changed.getvalue()
    with suppress(UnreadableMessage):
        for entry in (entry for statement in statements(read(tables)) for entry in statement.entries):
            assert entry.started is None or entry.ended is None or entry.started <= entry.ended
            assert entry.title


def many_contacts(rows: int) -> Iterator[bytes]:
    """Contacts of one referral, each at another time, that pack no better than real ones."""
    yield b"CareContactID,ServiceRequestID,CareContDate,CareContTime,ConsMechanismMH,AttendStatus\n"
    clock = random.Random(1)
    for number in range(rows):
        at = f"10:{clock.randrange(60):02}:{clock.randrange(60):02}"
        yield f"C{number},R1,2025-04-{1 + number % 28:02},{at},01,5\n".encode()


@pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure
def test_memory_stays_flat_however_many_contacts_there_are() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sample().items():
            if name != "MHS201CareContact":
                archive.writestr(f"{name}.csv", text)
        with archive.open("MHS201CareContact.csv", "w") as contacts:
            for line in many_contacts(10_000):
                contacts.write(line)
    read(sample())  # what is made once is made before
    tracemalloc.start()
    try:
        counted = sum(1 for _ in ADAPTER.read(packed, SENDER))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert counted > 10_000
    assert peak < 1_500_000
