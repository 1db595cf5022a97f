"""Whom an extract is about, and what it says of them as a person."""

from datetime import UTC, date, datetime

import pytest

from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import Standing, Statement, Subject, Tracing
from tests.adapters.mhsds_extract import entries, findings, needed, read, sample, statements

MPI = "LocalPatientID,NHSNumber,NHSNumberStatus,PersonBirthDate,Postcode,GenderIDCode,Gender,PersDeathDate"


def person(row: str) -> tuple[Statement, list[str]]:
    """What is said of one person, and the rules that the row breaks."""
    tables = needed(MHS001MPI=f"{MPI}\n{row}\n") | {
        "MHS101Referral": "ServiceRequestID,LocalPatientID,CareProfTeamLocalID,ReferralRequestReceivedDate\n"
        "R1,MH0001,T1,2025-04-01\n",
        "MHS002GP": "LocalPatientID,GMPReg\nMH0001,M92001\n",
    }
    said = read(tables)
    return statements(said)[0], [found.rule for found in findings(said)]


def subject(number: str, status: str = "01") -> tuple[Subject, list[str]]:
    statement, rules = person(f"MH0001,{number},{status},1958-03-14,WV1 1AA,2,,")
    return statement.subject, rules


def test_a_person_is_known_by_the_provider_s_identifier_and_the_nhs_number() -> None:
    known, rules = subject("9991000011")
    assert known == Subject(
        local_id="MH0001",
        nhs_number=NHSNumber("9991000011"),
        tracing=Tracing.VERIFIED,
        birth_date=date(1958, 3, 14),
        gender="female",
        postcode="WV1 1AA",
    )
    assert rules == []


@pytest.mark.parametrize(
    ("sent", "digits"),
    [
        ("999100017", "0999100017"),
        ("99910004", "0099910004"),
        ("9991000011.0", "9991000011"),
        ("999 100 0011", "9991000011"),
    ],
)
def test_a_number_from_a_numeric_column_is_mended(sent: str, digits: str) -> None:
    assert subject(sent) == (subject(digits)[0], [])


@pytest.mark.parametrize("sent", ["9.99E+09", "9.991E9", "##########", "9991000012", "9999999999", "123"])
def test_a_number_that_cannot_be_known_is_a_warning_and_the_person_is_still_told(sent: str) -> None:
    known, rules = subject(sent)
    assert known.nhs_number is None
    assert (known.local_id, known.birth_date) == ("MH0001", date(1958, 3, 14))
    assert rules == ["nhs-number"]


@pytest.mark.parametrize("status", ["01", "02", "03", "04", "05", "06"])
def test_the_status_indicator_says_how_far_the_number_was_traced(status: str) -> None:
    known, rules = subject("9991000011", status)
    assert known.tracing == Tracing(status)
    assert rules == []


def test_status_07_with_a_number_present_is_an_error() -> None:
    known, rules = subject("9991000011", "07")
    assert rules == ["mhsds-nhs-number-status"]
    assert known.tracing is not Tracing.VERIFIED


def test_status_07_without_a_number_is_none() -> None:
    known, rules = subject("", "07")
    assert (known.nhs_number, known.tracing) == (None, Tracing.NOT_REQUIRED)
    assert rules == ["MHS00111"]


def test_a_verified_number_that_is_missing_is_an_error_and_not_verified() -> None:
    known, rules = subject("", "01")
    assert known.tracing is Tracing.UNSTATED
    assert rules == ["MHS00111", "mhsds-nhs-number-status"]


def test_a_status_that_lost_its_zero_is_mended_and_an_unknown_one_is_not_believed() -> None:
    assert subject("9991000011", "1")[0].tracing is Tracing.VERIFIED
    known, rules = subject("9991000011", "42")
    assert known.tracing is Tracing.UNSTATED
    assert rules == ["MHS00116"]


@pytest.mark.parametrize(
    ("identity", "stated", "gender"),
    [
        ("1", "2", "male"),
        ("2", "", "female"),
        ("3", "1", "other"),
        ("4", "", "other"),
        ("X", "1", "male"),
        ("Z", "9", "other"),
        ("", "X", "unknown"),
        ("X", "", None),
    ],
)
def test_gender_is_the_person_s_identity_and_else_what_was_stated(
    identity: str, stated: str, gender: str | None
) -> None:
    statement, _ = person(f"MH0001,9991000011,01,1958-03-14,WV1 1AA,{identity},{stated},")
    assert statement.subject.gender == gender
    assert statement.entries[0].resource.get("gender") == gender


def test_every_statement_about_a_person_matches_alike() -> None:
    subjects: dict[str | None, set[Subject]] = {}
    for statement in statements(read(sample())):
        subjects.setdefault(statement.subject.local_id, set()).add(statement.subject)
    assert {local_id: len(found) for local_id, found in subjects.items()} == {f"MH000{n}": 1 for n in range(1, 5)}


def test_identity_and_what_locates_are_entries_apart() -> None:
    told = entries(read(sample()))
    identity, address = told["Patient/MH0001"], told["Patient/MH0001/address"]
    assert (identity.category, identity.sensitivity) == ("demographics", Sensitivity.NORMAL)
    assert (address.category, address.sensitivity) == ("address", Sensitivity.LOCATING)
    assert address.resource == {"resourceType": "Patient", "address": [{"use": "home", "postalCode": "WV1 1AA"}]}
    ethnicity = told["Patient/MH0001/ethnicity"]
    assert ethnicity.category == "ethnicity"
    assert set(ethnicity.resource) == {"resourceType", "extension"}
    assert set(identity.resource) == {
        "resourceType", "identifier", "gender", "birthDate", "maritalStatus", "communication",
    }  # fmt: skip


def test_the_number_says_how_it_was_verified() -> None:
    number, local = entries(read(sample()))["Patient/MH0002"].resource["identifier"]
    assert number["system"] == "https://fhir.nhs.uk/Id/nhs-number"
    (status,) = number["extension"]
    assert status["url"].endswith("Extension-UKCore-NHSNumberVerificationStatus")
    assert status["valueCodeableConcept"]["text"] == "Number present but not traced"
    assert local["value"] == "MH0002"


def test_no_fixed_abode_is_told_and_matches_nobody() -> None:
    statement, rules = person("MH0001,9991000011,01,1958-03-14,ZZ99 3VZ,2,,")
    assert statement.subject.postcode is None
    assert statement.entries[1].title == "No fixed abode"
    assert rules == []


def test_other_pseudo_postcodes_are_no_address_either() -> None:
    statement, _ = person("MH0001,9991000011,01,1958-03-14,ZZ99 6CZ,2,,")
    assert statement.subject.postcode is None
    assert statement.entries[1].resource["address"] == [{"use": "home", "text": "ZZ99 6CZ"}]


def test_without_a_postcode_there_is_no_address() -> None:
    statement, rules = person("MH0001,9991000011,01,1958-03-14,,2,,")
    assert len(statement.entries) == 1
    assert rules == ["MHS00123"]


@pytest.mark.parametrize("died", ["2025-04-32", "20250420T10:00:00+01:00 or so"])
def test_a_date_of_death_that_cannot_be_read_leaves_what_was_known_and_is_told(died: str) -> None:
    """Else one mistyped digit would let everybody take who died for alive."""
    statement, rules = person(f"MH0001,9991000011,01,1958-03-14,WV1 1AA,2,,{died}")
    assert len(rules) == 1
    assert statement.flags == ()
    assert statement.entries[0].keeps == ("deceasedDateTime",)


def test_a_death_is_flagged_and_its_correction_too() -> None:
    dead, _ = person("MH0001,9991000011,01,1958-03-14,WV1 1AA,2,,2025-04-20")
    assert dead.subject.death_date == date(2025, 4, 20)
    assert dead.entries[0].resource["deceasedDateTime"] == "2025-04-20"
    alive, _ = person("MH0001,9991000011,01,1958-03-14,WV1 1AA,2,,")
    assert [(flag.kind, flag.raised) for flag in dead.flags + alive.flags] == [
        (FlagKind.DECEASED, True),
        (FlagKind.DECEASED, False),
    ]


def test_the_present_gp_practice_has_one_key_and_former_ones_have_ended() -> None:
    told = entries(read(sample()))
    present, former = told["Patient/MH0001/gp-practice"], told["Patient/MH0001/gp-practice/M92002/2015-05-31"]
    assert present.resource["generalPractitioner"][0]["identifier"] == {
        "system": "https://fhir.nhs.uk/Id/ods-organization-code",
        "value": "M92001",
    }
    assert (present.standing, present.ended) == (Standing.CURRENT, None)
    assert (former.standing, former.ended) == (Standing.ENDED, datetime(2015, 5, 30, 23, tzinfo=UTC))
    assert present.sensitivity is former.sensitivity is Sensitivity.LOCATING


def test_a_default_code_is_no_gp_practice() -> None:
    said = read(sample())
    assert "mhsds-gp-practice" in [found.rule for found in findings(said)]
    assert "Patient/MH0003/gp-practice" not in entries(said)


def test_the_kind_of_home_locates_and_prison_is_restricted() -> None:
    told = entries(read(sample()))
    home = told["Observation/accommodation/MH0001/2009-05-01"]
    assert (home.category, home.sensitivity, home.detail) == ("social-context", Sensitivity.LOCATING, "settled")
    assert told["Observation/accommodation/MH0003/2025-04-11"].title == "Accommodation: Rough sleeper"
    assert told["Observation/accommodation/MH0004/2023-01-15"].sensitivity is Sensitivity.RESTRICTED


def test_an_undated_kind_of_home_is_told_without_a_date() -> None:
    rows = "LocalPatientID,AccommodationType,AccommodationTypeEndDate\nMH0001,09,\nMH0001,04,2025-04-01\n"
    told = entries(read(needed(MHS003AccommStatus=rows)))
    assert told["Observation/accommodation/MH0001/09"].started is None
    assert told["Observation/accommodation/MH0001/04"].ended == datetime(2025, 3, 31, 23, tzinfo=UTC)


def test_indicators_stand_under_their_own_headings() -> None:
    told = entries(read(sample()))
    shown = {key: (entry.category, entry.sensitivity) for key, entry in told.items() if key.count("/") == 2}
    assert shown["Observation/ReasonableAdjustmentInd/MH0001"] == ("requirements", Sensitivity.NORMAL)
    assert shown["Observation/YoungCarer/MH0002"] == ("social-context", Sensitivity.NORMAL)
    assert shown["Observation/CPP/MH0002"] == ("child-protection", Sensitivity.RESTRICTED)
    assert shown["Observation/LDStatus/MH0002"] == ("problems", Sensitivity.NORMAL)
    assert shown["Observation/IMCARequired/MH0001"] == ("legal", Sensitivity.NORMAL)
    assert shown["Observation/IMHARequired/MH0001"] == ("legal", Sensitivity.RESTRICTED)


def test_a_denied_indicator_takes_the_place_of_an_earlier_yes_and_an_unanswered_one_says_nothing() -> None:
    told = entries(read(sample()))
    assert told["Observation/ParentalResp/MH0001"].standing is Standing.ENDED
    assert (
        told["Observation/LDStatus/MH0001"].title
        == "Learning disability: No patient diagnosis of a learning disability"
    )
    assert "Observation/YoungCarer/MH0001" not in told
    assert "Observation/CPP/MH0001" not in told
    assert "Observation/AutismStatus/MH0002" not in told
