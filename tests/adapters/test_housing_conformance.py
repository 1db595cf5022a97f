"""What holds for both housing adapters, whatever is sent: valid FHIR, no surprise, and flat memory."""

import io
import json
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.housing import CSV, JSON
from app.adapters.housing.codes import ALERTS
from app.adapters.housing.kinds import KINDS, PERSON
from app.adapters.registry import adapter
from app.vocabulary.statement import Entry, Resource, Sender, UnreadableMessage, Utterance
from tests.adapters.housing_feed import COUNCIL, SAMPLES, SON, TENANCY, TENANT, hear, hear_csv, hear_sample, samples

SUBJECT = {"Patient": None, "Task": "for", "EpisodeOfCare": "patient", "RelatedPerson": "patient"}


def stored(entry: Entry) -> Resource:
    """The resource as intake completes it."""
    kind = entry.resource["resourceType"]
    element = SUBJECT.get(kind, "subject")
    person = {element: {"reference": "Patient/1"}} if element else {}
    return {**entry.resource, "id": "1", **person}


@pytest.mark.parametrize("sample", samples())
def test_every_resource_of_every_sample_is_valid_fhir(sample: str) -> None:
    entries = hear_sample(sample).entries
    assert entries
    for entry in entries:
        get_fhir_model_class(entry.resource["resourceType"]).model_validate(stored(entry))


@pytest.mark.parametrize("sample", samples())
def test_no_two_entries_of_one_person_share_a_key(sample: str) -> None:
    counted = Counter(
        (said.subject.local_id, entry.key) for said in hear_sample(sample).statements for entry in said.entries
    )
    assert set(counted.values()) == {1}


@pytest.mark.parametrize("sample", samples())
def test_no_entry_stands_under_a_category_that_the_adapter_does_not_cover(sample: str) -> None:
    assert {entry.category for entry in hear_sample(sample).entries} <= JSON.covers == CSV.covers


def test_every_category_of_an_alert_is_covered() -> None:
    assert {alert.category for alert in ALERTS.values()} <= JSON.covers


@pytest.mark.parametrize("sample", samples())
def test_the_same_message_says_the_same_again(sample: str) -> None:
    assert hear_sample(sample) == hear_sample(sample)


@pytest.mark.parametrize("sample", samples())
def test_a_title_is_one_line_and_never_the_persons_name(sample: str) -> None:
    for said in hear_sample(sample).statements:
        for entry in said.entries:
            assert entry.title
            assert "\n" not in entry.title
            assert said.subject.family_name is None or said.subject.family_name not in entry.title


def test_the_json_adapter_is_found_by_name() -> None:
    assert adapter("housing-json") is JSON
    assert (JSON.name, CSV.name) == ("housing-json", "housing-csv")


def said_or_refused(hearing: Callable[[bytes], object], message: bytes) -> None:
    """Nothing but `UnreadableMessage` may come of a message."""
    with suppress(UnreadableMessage):
        hearing(message)


@given(message=st.binary())
def test_arbitrary_bytes_are_refused_and_never_surprise(message: bytes) -> None:
    said_or_refused(hear, message)
    said_or_refused(hear_csv, message)


@given(data=st.data(), sample=st.sampled_from(samples()))
def test_a_mutated_sample_never_surprises(data: st.DataObject, sample: str) -> None:
    message = bytearray((SAMPLES / sample).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(message) - 1))
        message[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    said_or_refused(hear_csv if sample.endswith(".csv") else hear, bytes(message))


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(["17", "2026-01-01", "T1", "Other"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)


def _rows(kind: str) -> st.SearchStrategy[list[Any]]:
    columns = next(row.columns for row in KINDS if row.name == kind)
    return st.lists(
        st.dictionaries(st.sampled_from([*PERSON, *columns, "address_id", "work_class_id"]), _ANYTHING) | _ANYTHING
    )


@given(data=st.data(), kind=st.sampled_from([kind.name for kind in KINDS]))
def test_a_document_of_anything_never_surprises_and_stays_valid(data: st.DataObject, kind: str) -> None:
    known = {"tenant_person": [TENANT], "tenancy": [TENANCY], "household_member_person": [SON]}
    said = hear(json.dumps({**known, kind: [*known.get(kind, []), *data.draw(_rows(kind))]}).encode())
    for entry in said.entries:
        get_fhir_model_class(entry.resource["resourceType"]).model_validate(stored(entry))
        json.dumps(entry.resource, ensure_ascii=False).encode()


class Generated(io.RawIOBase):
    """A long message that is made as it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.left = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.left = self.left or next(self.pieces, b"")
        size = min(len(buffer), len(self.left))
        buffer[:size], self.left = self.left[:size], self.left[size:]
        return size


LONG = "He fell. " * 2500


def households(count: int) -> Iterator[bytes]:
    """As many documents, each of another household, of 22 KB each."""
    for number in range(count):
        alert = {"person_id": number, "alert_code": "MED1.02", "alert_description": LONG}
        yield json.dumps({"tenant_person": [{**TENANT, "tenant_id": number}], "person_alert": [alert]}).encode() + b"\n"


def in_an_array(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same documents between brackets."""
    yield b"["
    yield next(pieces)
    for piece in pieces:
        yield b"," + piece
    yield b"]"


def as_rows(count: int) -> Iterator[bytes]:
    """As many rows of CSV, of 22 KB each."""
    yield b"person_id,alert_code,alert_description,record_type\r\n"
    for number in range(count):
        yield f"{number},MED1.02,{LONG},person_alert\r\n".encode()


@pytest.mark.parametrize(
    ("read", "pieces"),
    [(JSON.read, households(300)), (JSON.read, in_an_array(households(300))), (CSV.read, as_rows(300))],
    ids=["a line each", "an array", "csv"],
)
def test_a_file_of_any_size_is_read_in_the_same_memory(
    read: Callable[[BinaryIO, Sender], Iterator[Utterance]], pieces: Iterator[bytes]
) -> None:
    message = io.BufferedReader(Generated(pieces))
    tracemalloc.start()
    said = sum(1 for _ in read(message, COUNCIL))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said == 300
    assert peak < 2_000_000  # of 6.6 MB
