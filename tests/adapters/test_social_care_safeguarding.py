"""Safeguarding and DoLS: that a case exists, since when, and whom to ask; nothing of what it is about."""

import io
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.registry import adapter
from app.adapters.social_care_safeguarding import ADAPTER, FIELDS, KINDS
from app.vocabulary.label import Sensitivity
from app.vocabulary.london import london_midnight
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import (
    Entry,
    Finding,
    Sender,
    Severity,
    Standing,
    Statement,
    UnreadableMessage,
    Utterance,
)
from tests.adapters.social_care_extract import COUNCIL, SAMPLES, check_fhir, entries, everything, findings, statements

SAMPLE = (SAMPLES / "safeguarding.csv").read_bytes()
MAPPED = {
    "case_reference": "Episode ID",
    "person_reference": "Mosaic Person ID",
    "kind": "Episode Type",
    "started": "Opened",
    "ended": "Closed",
    "nhs_number": "NHS No",
    "family_name": "Surname",
    "given_name": "Forename",
    "birth_date": "DOB",
    "postcode": "Post Code",
    "contact_team": "Team",
    "contact_telephone": "Team Phone",
    "contact_email": "Team Mailbox",
}
CONCERN = {
    "case_reference": "SG-1",
    "person_reference": "10001",
    "kind": "Concern",
    "started": "2025-09-01",
    "ended": "",
}
DOLS = CONCERN | {"kind": "DoLS application"}


def sample() -> list[Utterance]:
    return list(ADAPTER.read(io.BytesIO(SAMPLE), Sender(partner=COUNCIL, columns=MAPPED)))


def said(case: dict[str, str]) -> list[Utterance]:
    headings = ",".join(FIELDS[field] for field in case)
    values = ",".join(f'"{value}"' for value in case.values())
    return list(ADAPTER.read(io.BytesIO(f"{headings}\n{values}\n".encode()), Sender(partner=COUNCIL)))


def flag(case: dict[str, str]) -> Entry:
    (found,) = [one for one in entries(said(case)) if one.resource["resourceType"] == "Flag"]
    return found


def test_it_is_found_by_its_name() -> None:
    assert adapter("social-care-safeguarding") is ADAPTER


def test_it_covers_what_it_states() -> None:
    assert ADAPTER.covers == {entry.category for entry in entries(sample())}


def test_a_case_systems_own_headings_are_mapped() -> None:
    found = sample()
    assert findings(found) == []
    (concern, enquiry, application, authorisation) = statements(found)
    assert concern.subject == enquiry.subject
    assert (concern.subject.local_id, concern.subject.nhs_number) == ("10001", NHSNumber("9990037000"))
    assert (concern.subject.family_name, concern.subject.given_names) == ("Penn", ("Arthur",))
    assert (concern.subject.birth_date, concern.subject.postcode) == (date(1941, 3, 14), "WV1 1AA")
    assert application.subject.nhs_number is None
    assert [one.line for one in (concern, enquiry, application, authorisation)] == [2, 4, 5, 6]


def test_everything_is_restricted_and_fhir() -> None:
    for entry in entries(sample()):
        assert entry.sensitivity is Sensitivity.RESTRICTED
        check_fhir(entry)


def test_no_narrative_is_ever_read() -> None:
    for entry in entries(sample()):
        for told in ("Neglect", "neighbour", "Son", "Elm House", "Visited"):
            assert told not in everything(entry)


@pytest.mark.parametrize(
    ("kind", "title", "category"),
    [
        ("CONCERN", "Safeguarding concern", "safeguarding"),
        ("Enquiry", "Safeguarding enquiry", "safeguarding"),
        ("dols-application", "Deprivation of Liberty Safeguards application", "legal"),
        ("DoLS Authorisation", "Deprivation of Liberty Safeguards authorisation", "legal"),
    ],
)
def test_each_kind_stands_under_its_heading(kind: str, title: str, category: str) -> None:
    found = flag(CONCERN | {"kind": kind})
    assert (found.title, found.category) == (title, category)


def test_a_case_is_dated_and_open_until_it_is_closed() -> None:
    found = flag(CONCERN)
    assert (found.started, found.ended) == (london_midnight(date(2025, 9, 1)), None)
    assert (found.standing, found.resource["status"]) == (Standing.CURRENT, "active")
    closed = flag(CONCERN | {"ended": "2025-09-04"})
    assert closed.ended == london_midnight(date(2025, 9, 4))
    assert (closed.standing, closed.resource["status"]) == (Standing.ENDED, "inactive")
    assert closed.key == found.key


def test_an_authorisation_runs_until_its_term() -> None:
    found = flag(CONCERN | {"kind": "DoLS authorisation", "ended": "2026-08-31"})
    assert found.ended == london_midnight(date(2026, 8, 31))
    assert (found.standing, found.resource["status"]) == (Standing.CURRENT, "active")


def test_whom_to_ask_is_told_with_the_case_and_by_itself() -> None:
    contact = {"contact_team": "Adult MASH", "contact_telephone": "01632 960100", "contact_email": "m@council.example"}
    case, team = entries(said(CONCERN | contact))
    assert case.detail == "Contact: Adult MASH, 01632 960100, m@council.example"
    assert team.resource["resourceType"] == "CareTeam"
    assert team.resource["name"] == "Adult MASH"
    assert [one["value"] for one in team.resource["telecom"]] == ["01632 960100", "m@council.example"]


def test_a_case_may_close_on_the_day_on_which_it_opened() -> None:
    assert findings(said(CONCERN | {"ended": CONCERN["started"]})) == []
    (case,) = entries(said(CONCERN | {"ended": CONCERN["started"]}))
    assert case.started == case.ended == london_midnight(date(2025, 9, 1))


def test_whom_to_ask_of_a_case_that_is_closed_is_no_team_of_today() -> None:
    for one in entries(said(CONCERN | {"contact_team": "Adult MASH", "ended": "2025-09-04"})):
        assert (one.standing, one.resource["status"]) == (Standing.ENDED, "inactive")
        assert one.resource["period"] == {"start": "2025-09-01", "end": "2025-09-04"}


def test_a_case_without_a_contact_is_still_a_case() -> None:
    (case,) = entries(said(CONCERN))
    assert case.detail == ""


# The person


@pytest.mark.parametrize("kind", ["DoLS application", "DoLS authorisation", "DOLS"])
@pytest.mark.parametrize("reference", ["9990037000", "999 003 7000", "999-003-7000"])
def test_a_dols_person_reference_that_is_an_nhs_number_is_refused(kind: str, reference: str) -> None:
    found = said(DOLS | {"kind": kind, "person_reference": reference})
    assert "safeguarding Person reference" in findings(found, Severity.REFUSED)
    assert statements(found) == []
    assert not [one for one in found if isinstance(one, Finding) and reference in one.text]


@pytest.mark.parametrize("reference", ["9990037001", "10001", "30037000", "P9990037000"])
def test_any_other_dols_person_reference_is_the_councils_own(reference: str) -> None:
    assert statements(said(DOLS | {"person_reference": reference}))[0].subject.local_id == reference


def test_a_concern_may_be_called_by_any_reference() -> None:
    assert statements(said(CONCERN | {"person_reference": "9990037000"}))


@pytest.mark.parametrize("number", ["9990037001", "9.99E+09"])
def test_a_bad_nhs_number_is_a_warning_and_the_case_goes_in_without_it(number: str) -> None:
    found = said(CONCERN | {"nhs_number": number})
    assert findings(found, Severity.WARNING) == ["nhs-number"]
    assert statements(found)[0].subject.nhs_number is None


def test_a_birth_date_in_month_13_is_a_warning() -> None:
    found = said(CONCERN | {"birth_date": "1941-13-14"})
    assert findings(found, Severity.WARNING) == ["safeguarding Date of birth"]
    assert statements(found)[0].subject.birth_date is None


# What is refused


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("case_reference", ""),
        ("case_reference", "1.2E+11"),
        ("person_reference", ""),
        ("person_reference", "1.2E+11"),
        ("kind", ""),
        ("kind", "Allegation"),
        ("started", ""),
        ("started", "2025-13-01"),
        ("ended", "31/12/9999"),
        ("ended", "2025-08-31"),
    ],
)
def test_a_case_that_cannot_be_placed_is_refused_by_itself(field: str, written: str) -> None:
    found = said(CONCERN | {field: written})
    assert findings(found, Severity.REFUSED) == [f"safeguarding {FIELDS[field]}"]
    assert statements(found) == []


def test_a_kind_that_is_not_known_is_told_which_there_are() -> None:
    (told,) = said(CONCERN | {"kind": "Allegation"})
    assert isinstance(told, Finding)
    assert all(kind in told.text for kind in KINDS)


def test_a_row_that_does_not_fit_its_headings_is_refused_and_the_next_is_read() -> None:
    file = b"Case reference,Person reference,Kind,Date started,Date ended\nSG-1\nSG-2,10001,Concern,2025-09-01,\n"
    refused, stated = ADAPTER.read(io.BytesIO(file), Sender(partner=COUNCIL))
    assert isinstance(refused, Finding)
    assert isinstance(stated, Statement)


@pytest.mark.parametrize("field", ["case_reference", "person_reference", "kind", "started", "ended"])
def test_a_missing_heading_refuses_the_file(field: str) -> None:
    with pytest.raises(UnreadableMessage, match=FIELDS[field]):
        said({other: value for other, value in CONCERN.items() if other != field})


def test_a_mapped_heading_that_is_missing_refuses_the_file() -> None:
    with pytest.raises(UnreadableMessage, match="Team Mailbox"):
        list(ADAPTER.read(io.BytesIO(SAMPLE.replace(b"Team Mailbox", b"")), Sender(partner=COUNCIL, columns=MAPPED)))


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_wrong_encoding_refuses_the_file(encoding: str) -> None:
    file = SAMPLE.decode().replace("Joan", "Zoë").encode(encoding)
    with pytest.raises(UnreadableMessage, match="UTF-8"):
        list(ADAPTER.read(io.BytesIO(file), Sender(partner=COUNCIL, columns=MAPPED)))


def test_a_truncated_file_is_refused() -> None:
    with pytest.raises(UnreadableMessage, match="cut off"):
        list(ADAPTER.read(io.BytesIO(SAMPLE[:-60]), Sender(partner=COUNCIL, columns=MAPPED)))


@given(st.binary(max_size=200), st.integers(0, len(SAMPLE)), st.integers(0, 30))
def test_no_bytes_do_worse_than_be_refused(noise: bytes, at: int, lost: int) -> None:
    for file in (noise, SAMPLE[:at] + noise + SAMPLE[at + lost :]):
        with suppress(UnreadableMessage):
            list(ADAPTER.read(io.BytesIO(file), Sender(partner=COUNCIL, columns=MAPPED)))
