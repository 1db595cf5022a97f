"""What MHSDS publishes as wrong in a row, a column or a header, and what a CSV may do to its values."""

from datetime import UTC, date, datetime

import pytest

from app.adapters.mental_health_mhsds import extract
from app.adapters.mental_health_mhsds.extract import Extract
from app.adapters.mental_health_mhsds.moments import read_time, read_timestamp
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import CODE_SETS, TABLES
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Severity
from tests.adapters.mhsds_extract import entries, findings, needed, read, refusal, relationships, sample, statements

REFERRAL = "ServiceRequestID,LocalPatientID,CareProfTeamLocalID,ReferralRequestReceivedDate,ReferralRequestReceivedTime"
CONTACT = "CareContactID,ServiceRequestID,CareContDate,CareContTime,ConsMechanismMH,AttendStatus"
HEADER = "DatSetVer,OrgIDProvider,OrgIDSubmit,ReportingPeriodStartDate,ReportingPeriodEndDate,DateTimeDatSetCreate"


def header(row: str) -> dict[str, str]:
    return needed() | {"MHS000Header": f"{HEADER}\n{row}\n"}


def contacts(*rows: str) -> dict[str, str]:
    return needed(MHS201CareContact="\n".join((CONTACT, *rows)) + "\n")


def the_findings(tables: dict[str, str], part: str) -> list[tuple[str, Severity, int]]:
    return [(found.rule, found.severity, found.line) for found in findings(read(tables)) if found.part == part]


def test_a_row_without_its_identifier_is_refused_by_the_source_s_rule_and_the_next_is_read() -> None:
    tables = contacts(",R1,2025-04-02,,01,5", "C9,R1,2025-04-02,,01,5")
    assert the_findings(tables, "MHS201CareContact") == [("MHS20101", Severity.REFUSED, 2)]
    assert "CareContact/C9" in entries(read(tables))


def test_an_empty_mandatory_column_that_can_be_spared_is_a_warning() -> None:
    tables = needed() | {"MHS101Referral": f"{REFERRAL}\nR1,MH0001,,2025-04-02,\n"}
    assert the_findings(tables, "MHS101Referral") == [("MHS10153", Severity.WARNING, 2)]
    assert "ServiceRequest/R1" in entries(read(tables))


def test_an_unknown_code_is_kept_as_given_with_a_warning_of_the_source_s_rule() -> None:
    tables = contacts("C9,R1,2025-04-02,,77,5")
    assert the_findings(tables, "MHS201CareContact") == [("MHS20120", Severity.WARNING, 2)]
    (kind,) = entries(read(tables))["CareContact/C9"].resource["type"]
    assert kind["coding"][0]["code"] == "77"
    assert "display" not in kind["coding"][0]
    assert kind["text"] == "code 77"


def test_a_code_that_lost_its_leading_zero_is_mended() -> None:
    tables = contacts("C9,R1,2025-04-02,,1,5")
    assert the_findings(tables, "MHS201CareContact") == []
    assert entries(read(tables))["CareContact/C9"].title.startswith("Face to face")


def test_a_needed_date_in_month_13_refuses_its_row_alone() -> None:
    tables = contacts("C8,R1,2025-13-02,,01,5", "C9,R1,2025-04-02,,01,5")
    assert the_findings(tables, "MHS201CareContact") == [("mhsds-date", Severity.REFUSED, 2)]
    assert "CareContact/C9" in entries(read(tables))


def test_another_date_in_month_13_is_left_out_with_a_warning() -> None:
    tables = sample()
    tables["MHS501HospProvSpell"] = tables["MHS501HospProvSpell"].replace("2025-04-25", "2025-13-25")
    assert the_findings(tables, "MHS501HospProvSpell") == [("mhsds-date", Severity.WARNING, 2)]
    assert "estimated" not in entries(read(tables))["Encounter/HospProvSpell/H1"].detail


def test_a_time_that_no_clock_has_leaves_the_day() -> None:
    tables = contacts("C9,R1,2025-04-02,25:00:00,01,5")
    assert the_findings(tables, "MHS201CareContact") == [("mhsds-time", Severity.WARNING, 2)]
    assert entries(read(tables))["CareContact/C9"].started == datetime(2025, 4, 1, 23, tzinfo=UTC)


def test_a_score_without_a_time_that_can_be_read_is_refused() -> None:
    tables = needed(MHS606CodedScoreAssessmentRefer=sample()["MHS606CodedScoreAssessmentRefer"].replace("2025", "25"))
    assert the_findings(tables, "MHS606CodedScoreAssessmentRefer") == [
        ("mhsds-timestamp", Severity.REFUSED, 2),
        ("mhsds-timestamp", Severity.REFUSED, 3),
    ]


def test_a_row_that_ends_before_it_begins_is_refused() -> None:
    tables = sample()
    tables["MHS501HospProvSpell"] = tables["MHS501HospProvSpell"].replace("2025-04-20", "2022-04-20")
    assert the_findings(tables, "MHS501HospProvSpell") == [("mhsds-order", Severity.REFUSED, 3)]


def test_a_team_s_part_that_ends_before_the_referral_is_refused() -> None:
    tables = needed(MHS102OtherServiceType=sample()["MHS102OtherServiceType"].replace("2025-01-05", "2023-01-05"))
    assert the_findings(tables, "MHS102OtherServiceType") == [("mhsds-order", Severity.REFUSED, 2)]


def test_an_end_without_a_time_never_lies_before_the_start_of_the_same_day() -> None:
    tables = sample()
    tables["MHS401MHActPeriod"] = tables["MHS401MHActPeriod"].replace(
        "2025-10-01,23:59:00,,", "2025-10-01,23:59:00,2025-04-02,"
    )
    status = entries(read(tables))["Flag/MHActPeriod/M1"]
    assert status.ended == status.started == datetime(2025, 4, 2, 13, 30, tzinfo=UTC)


def test_an_identifier_longer_than_mhsds_allows_refuses_its_row() -> None:
    assert the_findings(contacts(f"{'C' * 21},R1,2025-04-02,,01,5"), "MHS201CareContact") == [
        ("mhsds-length", Severity.REFUSED, 2)
    ]


def test_a_value_longer_than_any_code_is_left_out() -> None:
    tables = contacts(f"C9,R1,2025-04-02,,{'1' * 65},5")
    assert the_findings(tables, "MHS201CareContact") == [("mhsds-length", Severity.WARNING, 2)]
    assert "type" not in entries(read(tables))["CareContact/C9"].resource


@pytest.mark.parametrize(
    ("table", "column", "reference"),
    [
        ("MHS002GP", 0, "MH9999"),
        ("MHS003AccommStatus", 0, "MH9999"),
        ("MHS006MHCareCoord", 0, "MH9999"),
        ("MHS009CarePlanAgreement", 0, "CP99"),
        ("MHS101Referral", 1, "MH9999"),
        ("MHS102OtherServiceType", 0, "R99"),
        ("MHS201CareContact", 1, "R99"),
        ("MHS404CommTreatOrder", 0, "M99"),
        ("MHS502WardStay", 2, "H99"),
        ("MHS518ClinReadyforDischarge", 0, "H99"),
        ("MHS604PrimDiag", 0, "R99"),
        ("MHS606CodedScoreAssessmentRefer", 0, "R99"),
        ("MHS607CodedScoreAssessmentAct", 0, "A99"),
        ("MHS609PresComp", 0, "R99"),
    ],
)
def test_a_row_that_refers_to_nothing_is_refused(table: str, column: int, reference: str) -> None:
    tables = sample()
    headings, *rows = tables[table].splitlines()
    values = rows[0].split(",")
    values[column] = reference
    tables[table] = "\n".join((headings, ",".join(values))) + "\n"
    assert ("mhsds-reference", Severity.REFUSED, 2) in the_findings(tables, table)


def test_rows_that_refer_to_a_refused_row_are_refused_too() -> None:
    tables = sample()
    tables["MHS501HospProvSpell"] = tables["MHS501HospProvSpell"].replace("H1,R2,2025-04-02", "H1,R2,")
    assert ("mhsds-reference", Severity.REFUSED, 2) in the_findings(tables, "MHS502WardStay")


def test_of_two_rows_with_one_identifier_the_first_is_kept() -> None:
    tables = needed()
    tables["MHS001MPI"] += "MH0001,TAJ,,9991000054,01,1990-01-01,WV9 9ZZ,1,,,,,,,\n"
    tables["MHS101Referral"] += "R1,MH0002,QUA,T9,2025-01-01,,,,,,,,,,,,\n"
    refused = [(found.rule, found.part) for found in findings(read(tables)) if found.severity is Severity.REFUSED]
    assert refused == [("mhsds-duplicate", "MHS001MPI"), ("mhsds-duplicate", "MHS101Referral")]
    assert entries(read(tables))["Patient/MH0001"].resource["birthDate"] == "1958-03-14"


def test_an_extract_with_more_to_remember_than_memory_should_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MOST_KEPT", 6)
    assert refusal(sample()).rule == "mhsds-size"


@pytest.mark.parametrize("table", ["MHS607CodedScoreAssessmentAct", "MHS901StaffDetails", "MHS902ServiceTeamDetails"])
def test_what_is_kept_of_activities_staff_and_teams_is_bounded_too(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MOST_KEPT", 13)
    assert statements(read(needed()))
    headings, row, *_ = sample()[table].splitlines()
    many = [row.replace(row[:2], f"X{number}", 1) for number in range(14)]
    if table == "MHS901StaffDetails":
        many = [f"X{number},TAJ,R1975" for number in range(14)]
    assert refusal(needed(**{table: "\n".join([headings, *many]) + "\n"})).rule == "mhsds-size"


@pytest.mark.parametrize("version", ["6.0", "6", "5.0", "5"])
def test_versions_6_and_5_are_read(version: str) -> None:
    assert statements(read(header(f"{version},TAJ,TAJ,2025-04-01,2025-04-30,")))


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("4.1,TAJ,TAJ,2025-04-01,2025-04-30,", "MHS00001"),
        (",TAJ,TAJ,2025-04-01,2025-04-30,", "MHS00001"),
        ("6.0,,TAJ,2025-04-01,2025-04-30,", "MHS00028"),
        ("6.0,TAJ,TAJ,2025-04-01,,", "MHS00017"),
        ("6.0,TAJ,TAJ,2025-04-01,2025-13-30,", "mhsds-date"),
        ("6.0,TAJ,TAJ,2025-04-30,2025-04-01,", "mhsds-order"),
        ("6.0,TAJ,TAJ,2025-04-01,2025-04-30,\n6.0,TAJ,TAJ,2025-05-01,2025-05-31,", "mhsds-header"),
        ('6.0,TAJ,"T"A"J,2025-04-01,2025-04-30,', "mhsds-header"),
    ],
)
def test_a_header_that_cannot_be_trusted_refuses_the_whole(row: str, rule: str) -> None:
    assert refusal(header(row)).rule == rule


def test_a_header_without_the_start_of_its_period_is_a_warning() -> None:
    assert the_findings(header("6.0,TAJ,TAJ,,2025-04-30,"), "MHS000Header") == [("MHS00014", Severity.WARNING, 2)]


def test_an_extract_of_another_provider_than_the_sender_is_told() -> None:
    rules = [found.rule for found in findings(read(header("6.0,RRE,RRE,2025-04-01,2025-04-30,")))]
    assert "mhsds-provider" in rules
    rules = [found.rule for found in findings(read(header("6.0,RRE,TAJ00,2025-04-01,2025-04-30,")))]
    assert "mhsds-provider" not in rules


def test_entries_are_recorded_when_the_extract_was_made() -> None:
    made = entries(read(header("6.0,TAJ,TAJ,2025-04-01,2025-04-30,02/05/2025 06:00:00")))
    assert {entry.recorded for entry in made.values()} == {datetime(2025, 5, 2, 5, tzinfo=UTC)}
    unsaid = entries(read(header("6.0,TAJ,TAJ,2025-04-01,2025-04-30,")))
    assert {entry.recorded for entry in unsaid.values()} == {datetime(2025, 4, 29, 23, tzinfo=UTC)}


def test_wall_clock_times_are_london_s_in_summer_and_in_winter() -> None:
    told = entries(read(contacts("C8,R1,2025-07-01,09:00:00,01,5", "C9,R1,2025-01-02,09:00:00,01,5")))
    assert told["CareContact/C8"].started == datetime(2025, 7, 1, 8, tzinfo=UTC)
    assert told["CareContact/C8"].resource["period"]["start"] == "2025-07-01T09:00:00+01:00"
    assert told["CareContact/C9"].started == datetime(2025, 1, 2, 9, tzinfo=UTC)


def test_a_database_s_day_before_a_time_means_nothing() -> None:
    assert read_time("30/12/1899 14:30:00") == read_time("14:30") == read_time("1899-12-30T14:30:00.000")


@pytest.mark.parametrize("text", ["14.30", "2pm", "24:00:00", "12:60"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_time(text)


@pytest.mark.parametrize(
    "text", ["2025-04-01T10:30:00+01:00", "2025-04-01T09:30:00Z", "2025-04-01 10:30", "01/04/2025 10:30"]
)
def test_timestamps_are_read_with_and_without_an_offset(text: str) -> None:
    assert read_timestamp(text).instant == datetime(2025, 4, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "0001-01-01T00:00:00+14:00", "2025-04-01T25:00:00Z", "45748.4", "10:30"])
def test_what_is_no_timestamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_timestamp(text)


def test_files_of_version_5_are_read_by_its_names() -> None:
    tables = sample()
    del tables["MHS902ServiceTeamDetails"]
    tables["MHS000Header"] = tables["MHS000Header"].replace("6.0", "5.0")
    tables["MHS002GP"] = tables["MHS002GP"].replace("LocalPatientID,GMPReg", "LocalPatientId,GMPCodeReg")
    tables["MHS101Referral"] = (
        "ServiceRequestId,LocalPatientId,ReferralRequestReceivedDate,OrgIDReferring\nR1,MH0001,2025-04-01,M92001\n"
    )
    tables["MHS102ServiceTypeReferredTo"] = (
        "ServiceRequestId,CareProfTeamLocalId,ServTeamTypeRefToMH,ReferClosureDate\nR1,T1,A06,\nR1,T7,A02,2025-04-09\n"
    )
    del tables["MHS102OtherServiceType"]
    tables["MHS201CareContact"] = (
        "CareContactId,ServiceRequestId,CareContDate,CareProfTeamLocalId,AttendOrDNACode\n"
        "C1,R1,2025-04-02,T7,5\nC2,R1,2025-04-03,,3\n"
    )
    tables["MHS501HospProvSpell"] = "HospProvSpellNum,ServiceRequestId,StartDateHospProvSpell\nH1,R1,2025-04-02\n"
    tables["MHS502WardStay"] = (
        "WardStayId,WardCode,SiteIDOfTreat,HospProvSpellNum,StartDateWardStay,HospitalBedTypeMH\n"
        "W1,ASH,TAJ01,H1,2025-04-02,10\n"
    )
    said = read(tables)
    assert not [found for found in findings(said) if found.part in ("MHS101Referral", "MHS502WardStay")]
    told = entries(said)
    assert told["Patient/MH0001/gp-practice"].title == "Registered with GP practice M92001"
    assert told["ServiceRequest/R1/T1"].title == "Referral to Community Mental Health Team - Functional"
    assert told["CareContact/C1"].title == "Contact, Crisis Resolution Team/Home Treatment Service: attended"
    assert told["CareContact/C2"].title == "Contact, Community Mental Health Team - Functional: did not attend"
    assert told["Encounter/WardStay/W1"].title == "Ward ASH: Acute adult mental health care"
    assert told["Encounter/WardStay/W1"].resource["location"][0]["location"]["identifier"]["value"] == "TAJ01"
    assert relationships(said)["ServiceRequest/R1"].ended is None


def test_in_version_5_a_team_may_be_told_by_its_type_alone_and_a_rejecting_one_is_not_the_referral_s() -> None:
    tables = needed(
        MHS102ServiceTypeReferredTo="ServiceRequestId,CareProfTeamLocalId,ServTeamTypeRefToMH,ReferRejectionDate\n"
        "R1,,A17,2025-04-02\nR1,,A06,\nR1,,A02,\n",
        MHS201CareContact="CareContactId,ServiceRequestId,CareContDate,AttendOrDNACode\nC1,R1,2025-04-02,5\n",
    )
    tables["MHS000Header"] = tables["MHS000Header"].replace("6.0", "5.0")
    tables["MHS101Referral"] = "ServiceRequestId,LocalPatientId,ReferralRequestReceivedDate\nR1,MH0001,2025-04-01\n"
    told = entries(read(tables))
    assert [entry.title for key, entry in told.items() if key.startswith("ServiceRequest/R1/")] == [
        "Referral to Memory Services/Clinic/Drop in service",
        "Referral to Community Mental Health Team - Functional",
        "Referral to Crisis Resolution Team/Home Treatment Service",
    ]
    assert told["CareContact/C1"].title.endswith("Community Mental Health Team - Functional: attended")


def test_a_byte_order_mark_is_passed_over() -> None:
    tables: dict[str, str | bytes] = {name: b"\xef\xbb\xbf" + text.encode() for name, text in sample().items()}
    assert len(statements(read(tables))) == len(statements(read(sample())))


def test_other_encodings_are_refused_unless_declared() -> None:
    ward = sample()["MHS502WardStay"].replace("ASH", "ZOË")
    tables: dict[str, str | bytes] = {**sample(), "MHS502WardStay": ward.encode("cp1252")}
    assert (refusal(tables).rule, refusal(tables).part) == ("csv-encoding", "MHS502WardStay")
    assert entries(read(tables, encoding="cp1252"))["Encounter/WardStay/W1"].title.startswith("Ward ZOË")
    assert refusal({**sample(), "MHS502WardStay": ward.encode("utf-16")}).rule == "csv-encoding"


def test_a_table_cut_off_within_a_row_is_refused() -> None:
    tables = sample()
    tables["MHS201CareContact"] = tables["MHS201CareContact"][:-20]
    assert (refusal(tables).rule, refusal(tables).part) == ("csv-truncated", "MHS201CareContact")


def test_a_missing_heading_is_refused_by_name() -> None:
    tables = sample()
    tables["MHS401MHActPeriod"] = tables["MHS401MHActPeriod"].replace("StartDateMHActLegalStatusClass", "StartDate", 1)
    found = refusal(tables)
    assert (found.rule, found.part) == ("csv-headings", "MHS401MHActPeriod")
    assert "StartDateMHActLegalStatusClass" in found.text


def test_a_field_without_end_is_refused() -> None:
    tables = sample()
    tables["MHS201CareContact"] += f'C9,R1,2025-04-02,"{"x" * 200_000}'
    assert refusal(tables).rule == "csv-row-length"


@pytest.mark.parametrize("table", ["MHS202CareActivity", "MHS607CodedScoreAssessmentAct"])
def test_a_ragged_row_is_refused_once_and_the_next_is_read(table: str) -> None:
    tables = sample()
    tables[table] = tables[table].replace("\n", "\nragged\n", 1)
    assert the_findings(tables, table) == [("csv-ragged", Severity.REFUSED, 2)]
    assert "Observation/A1/720433000/2025-04-01T10:00:00+01:00" in entries(read(tables))


def test_an_activity_without_its_contact_is_refused_and_so_is_its_score() -> None:
    tables = sample()
    tables["MHS202CareActivity"] = tables["MHS202CareActivity"].replace("A1,C1", "A1,").replace("A2,C6", "A2,C99")
    assert the_findings(tables, "MHS202CareActivity") == [("MHS20203", Severity.REFUSED, 2)]
    assert the_findings(tables, "MHS607CodedScoreAssessmentAct") == [
        ("mhsds-reference", Severity.REFUSED, 2),
        ("mhsds-reference", Severity.REFUSED, 3),
    ]


def test_a_table_comes_after_those_that_it_refers_to() -> None:
    order = list(TABLES)
    for table in TABLES.values():
        if table.refers:
            assert order.index(table.refers.to) < order.index(table.name)
            assert table.refers.column in table.names
            assert TABLES[table.refers.to].primary


def test_every_column_of_dates_in_a_span_is_read() -> None:
    for table in TABLES.values():
        kinds = {column.name: column.kind for column in table.columns}
        assert {kinds[name] for span in table.spans for name in span} <= {"date"}


def test_codes_that_tell_of_detention_or_justice_are_codes_of_their_set() -> None:
    for codes in CODE_SETS.values():
        assert codes.restricted | codes.negative | codes.unstated <= set(codes.labels)
        assert all(codes.sensitivity(code) is Sensitivity.RESTRICTED for code in codes.restricted)


def test_asking_for_what_was_not_promised_is_a_broken_invariant() -> None:
    with pytest.raises(LookupError, match="not marked as needed"):
        Row("MHS101Referral", 2, {"ServDischDate": ""}).start("ServDischDate")
    opened = Extract(
        version=6,
        provider=OdsCode("TAJ"),
        recorded=datetime(2025, 5, 2, tzinfo=UTC),
        until=date(2025, 4, 30),
        encoding="utf-8",
    )
    with pytest.raises(LookupError, match="names no other table"):
        opened.subject_of(Row("MHS001MPI", 2, {}))
