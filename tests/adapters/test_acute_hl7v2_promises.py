"""What holds for the acute adapter, whatever is sent: valid FHIR, no surprise, and flat memory."""

import io
import random
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.acute_hl7v2 import ADAPTER, AcuteHL7v2
from app.adapters.acute_hl7v2.message.framing import LONGEST_MESSAGE
from app.adapters.acute_hl7v2.visits.courses import COURSES
from app.adapters.registry import adapter
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Finding, Resource, UnreadableMessage
from tests.adapters.acute_feed import SAMPLES, TRUST, hear, hear_sample, message, pid, pv1, samples, segment

SUBJECT = {"Patient": None, "AllergyIntolerance": "patient", "Consent": "patient", "RelatedPerson": "patient"}
MEGABYTE = 1 << 20


def stored(entry: Entry) -> Resource:
    """The resource as intake completes it."""
    kind = entry.resource["resourceType"]
    person = {"reference": "Patient/1"}
    if kind == "Appointment":
        others = entry.resource.get("participant", [])
        return {**entry.resource, "id": "1", "participant": [{"actor": person, "status": "accepted"}, *others]}
    element = SUBJECT.get(kind, "subject")
    return {**entry.resource, "id": "1", **({element: person} if element else {})}


@pytest.mark.parametrize("sample", samples())
def test_every_resource_of_every_sample_is_valid_fhir(sample: str) -> None:
    for entry in hear_sample(sample).entries:
        get_fhir_model_class(entry.resource["resourceType"]).model_validate(stored(entry))


def test_the_samples_show_every_kind_of_resource() -> None:
    assert {entry.resource["resourceType"] for sample in samples() for entry in hear_sample(sample).entries} == {
        "AllergyIntolerance",
        "Appointment",
        "CareTeam",
        "Condition",
        "Consent",
        "DiagnosticReport",
        "DocumentReference",
        "Encounter",
        "Observation",
        "Patient",
        "Procedure",
        "RelatedPerson",
        "ServiceRequest",
    }


@pytest.mark.parametrize("sample", samples())
def test_no_two_entries_of_one_message_share_a_key(sample: str) -> None:
    for said in hear_sample(sample).statements:
        assert set(Counter(entry.key for entry in said.entries).values()) <= {1}


def test_what_the_adapter_covers_is_what_it_states() -> None:
    stated = {entry.category for sample in samples() for entry in hear_sample(sample).entries}
    assert stated == ADAPTER.covers


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


@pytest.mark.parametrize("sample", samples())
def test_where_a_person_lives_or_stays_is_in_no_entry_that_does_not_locate(sample: str) -> None:
    for entry in hear_sample(sample).entries:
        if entry.sensitivity is Sensitivity.NORMAL and entry.category != "documents":
            shown = f"{entry.title} {entry.detail} {entry.resource}"
            assert not any(place in shown for place in ("SPIRAL", "LOCK ROW", "WV", "BAY", "RL403", "CLINIC 3", "OPD"))


def test_the_adapter_is_found_by_name() -> None:
    assert adapter("acute-hl7v2") is ADAPTER
    assert ADAPTER.name == "acute-hl7v2"


@pytest.mark.parametrize("trigger", sorted({*COURSES, "A08", "A28", "A31"}))
def test_every_trigger_reads_a_message_that_holds_next_to_nothing(trigger: str) -> None:
    said = hear(message(f"ADT^{trigger}", "PID|||H1", pv1({44: ""}), header={7: "", 10: ""}, event={2: ""}))
    for entry in said.entries:
        get_fhir_model_class(entry.resource["resourceType"]).model_validate(stored(entry))


# Whatever comes


def read_or_refused(content: bytes) -> None:
    """Nothing but `UnreadableMessage` may come of a message."""
    with suppress(UnreadableMessage):
        hear(content)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    read_or_refused(content)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_after_a_header_are_read_or_refused(content: bytes) -> None:
    read_or_refused(message("ADT^A01", pid()).encode() + content)


@given(sample=st.sampled_from(samples()), seed=st.integers(0, 10_000), changes=st.integers(1, 40))
def test_a_mutated_sample_is_read_or_refused(sample: str, seed: int, changes: int) -> None:
    content = bytearray((SAMPLES / sample).read_bytes())
    chance = random.Random(seed)
    for _ in range(changes):
        at = chance.randrange(len(content))
        content[at : at + chance.randrange(3)] = chance.choice(
            [b"|", b"^", b"~", b"\\", b"&", b'""', b"\r", b"\n", b"0", b"9", b"\xe9", b"\xc3\xa9", b""]
        )
    read_or_refused(bytes(content))


@given(sample=st.sampled_from(samples()), cut=st.integers(0, 8000))
def test_a_truncated_sample_is_read_or_refused(sample: str, cut: int) -> None:
    read_or_refused((SAMPLES / sample).read_bytes()[:cut])


@given(st.dictionaries(st.integers(1, 60), st.text(max_size=12).map(lambda text: text.replace("\r", "")), max_size=6))
def test_no_field_of_a_visit_or_a_person_is_a_surprise(fields: dict[int, str]) -> None:
    content = message("ADT^A08", pid(fields), pv1(fields), segment("ZU1", fields), segment("ZU8", fields))
    read_or_refused(content.encode("utf-8", "replace"))


def test_findings_repeat_nothing_that_was_sent() -> None:
    secret = "XSECRETX"
    fields = {number: secret for number in range(1, 60) if number not in (3, 19)}
    said = hear(
        message("ADT^A01", pid(fields), pv1(fields), *(segment(name, fields) for name in ("PD1", "NK1", "PV2", "AL1",
            "DG1", "PR1", "ZU1", "ZU3", "ZU4", "ZU5", "ZU8")))
    )  # fmt: skip
    assert len(said.findings) > 10
    assert not any(secret in finding.text or secret in finding.rule for finding in said.findings)


# Memory


class Generated(io.RawIOBase):
    """A stream of which nothing is kept: what `pieces` gives, and how much of it was read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = next(self._pieces, b"")
        buffer[: len(piece)] = piece
        return len(piece)


def peak_of(pieces: Iterator[bytes], *, longest: int = LONGEST_MESSAGE) -> tuple[int, int, list[Finding]]:
    """The bytes held at most while reading, the number of statements and the findings."""
    stream = io.BufferedReader(Generated(pieces), buffer_size=256 * 1024)
    statements, findings = 0, []
    tracemalloc.start()
    try:
        for said in AcuteHL7v2(longest=longest).read(stream, TRUST):
            if isinstance(said, Finding):
                findings.append(said)
            else:
                statements += 1
        return tracemalloc.get_traced_memory()[1], statements, findings
    finally:
        tracemalloc.stop()


@pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure
def test_memory_stays_flat_over_many_messages() -> None:
    one = message("ADT^A31", "PID|||H1^^^RL4^MR", "ZZZ|" + "x" * 4_000).encode()
    few, many = (peak_of(iter([one * 50] * fifties)) for fifties in (10, 100))
    assert (few[1], many[1]) == (500, 5_000)  # the latter of 20 megabytes
    assert many[0] < few[0] + MEGABYTE


def test_a_field_of_200_megabytes_is_passed_over_without_being_held() -> None:
    def pieces() -> Iterator[bytes]:
        yield message("ADT^A31", pid()).encode()
        yield message("ADT^A31", pid()).encode() + b"ZZZ|"
        yield from (b"x" * 250_000 for _ in range(800))
        yield b"\r" + message("ADT^A31", pid({3: "H2^^^RL4^MR"})).encode()

    peak, statements, findings = peak_of(pieces(), longest=4 * MEGABYTE)
    assert statements == 2
    assert [(finding.rule, finding.line) for finding in findings] == [("unreadable", 2)]
    assert peak < 12 * MEGABYTE


@pytest.mark.parametrize(
    ("kind", "more", "rule"),
    [
        ("ADT^A01", "IAM|1|DA|LAT^Latex|SV|Hives", "not-read-IAM"),
        ("ADT^A28", "OBX|1|NM|WT^Weight||70|kg|||||F", "not-read-OBX"),
        ("ADT^A01", "ROL|1|AD|KEY|K1^Keyworker^Kim", "not-read-ROL"),
        ("MDM^T02", "AL1|1|DA|PEN^Penicillin", "not-read-AL1"),
        ("ADT^A31", "PD1||||||||||||Y", "PD1-12"),
    ],
)
def test_what_is_clinical_and_not_read_is_told_to_its_sender(kind: str, more: str, rule: str) -> None:
    """An allergy that came in a segment that nobody reads would be taken for none."""
    said = hear(message(kind, pid(), pv1(), segment("TXA", {2: "CL", 12: "D1"}), more))
    assert rule in said.warned


@pytest.mark.parametrize(
    ("segment_", "rule"),
    [("AL1|1|DA||SV|Rash", "AL1-3"), ("DG1|1||||20260301|F", "DG1-3"), ("PR1|1|||Bypass|20260301", "PR1-3")],
)
def test_an_allergy_diagnosis_or_procedure_of_nothing_is_refused_and_an_empty_segment_is_not(
    segment_: str, rule: str
) -> None:
    assert rule in hear(message("ADT^A31", pid(), segment_)).refused
    assert hear(message("ADT^A31", pid(), f"{rule[:3]}|1")).refused == []


def test_a_diagnosis_that_is_said_to_be_confidential_is_restricted() -> None:
    said = hear(message("ADT^A31", pid(), segment("DG1", {3: "F32^Depression^ICD10", 18: "Y"})))
    assert [one.sensitivity for one in said.entries if one.category == "problems"] == [Sensitivity.RESTRICTED]
