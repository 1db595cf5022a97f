"""Results and documents: ORU^R01 and MDM^T02."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.record.barred.code_lists import read_code_lists
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Elsewhere, Entry, Standing
from tests.adapters.acute_feed import Fields, hear, hear_sample, message, pid, segment
from tests.adapters.heard import Heard

PDF = b"%PDF-1.4\n% a synthetic letter\n%%EOF\n"
OBR = {3: "L-1^LAB", 4: "U+E^Urea and electrolytes^L", 7: "20260210063000", 25: "F"}
REPORT = "DiagnosticReport/L-1/U+E"


def report(*segments: str, obr: Fields | None = None, order: Fields | None = None) -> Heard:
    orc = [segment("ORC", order)] if order else []
    return hear(message("ORU^R01", pid(), *orc, segment("OBR", {**OBR, **(obr or {})}), *segments))


def obx(kind: str, value: str, fields: Fields | None = None) -> str:
    return segment("OBX", {2: kind, 3: "NA^Sodium^L", 5: value, 11: "F", **(fields or {})})


def result(kind: str, value: str, fields: Fields | None = None) -> Entry:
    return report(obx(kind, value, fields)).entry(f"{REPORT}/result/NA")


def test_32_a_report_whose_words_tell_of_a_result_that_is_kept_back_is_kept_back_with_it(tmp_path: Path) -> None:
    local = """
    list = "local"
    title = "What this place keeps back"
    law = "Its own undertaking"
    sensitivity = "sexual-health"
    version = "1"
    source = "The laboratory"
    [[codes]]
    system = "https://pisano.example/fhir/CodeSystem/RL4/L"
    are = ["HIV"]
    """
    (tmp_path / "local.toml").write_text(local, encoding="utf-8")
    lists = read_code_lists(tmp_path)
    told = report(obx("NM", "140"), obx("TX", "Reactive", {3: "HIV^HIV antibody^L", 8: "A"}))
    assert "HIV antibody" in told.entry(REPORT).detail
    labelled = {one.key: lists.labelled(one).sensitivity for one in told.entries}
    assert labelled[f"{REPORT}/result/NA"] is Sensitivity.NORMAL
    assert labelled[f"{REPORT}/result/HIV"] is labelled[REPORT] is Sensitivity.SEXUAL_HEALTH


def test_32_words_that_ask_for_care_ask_for_it_in_a_result_and_in_its_report() -> None:
    told = report(obx("NM", "140"), obx("TX", "Discussed at MARAC in May", {3: "SOC^Social history^L"}))
    of_each = {one.key: one.sensitivity for one in told.entries if one.key.startswith(REPORT)}
    assert of_each == {
        REPORT: Sensitivity.DOMESTIC_ABUSE,
        f"{REPORT}/result/NA": Sensitivity.NORMAL,
        f"{REPORT}/result/SOC": Sensitivity.DOMESTIC_ABUSE,
    }


# Values


@pytest.mark.parametrize(
    ("kind", "value", "element", "told", "words"),
    [
        ("NM", "140", "valueQuantity", {"value": 140, "unit": "mmol/L"}, "140 mmol/L"),
        ("NM", "0", "valueQuantity", {"value": 0, "unit": "mmol/L"}, "0 mmol/L"),
        ("NM", "12.50", "valueQuantity", {"value": 12.5, "unit": "mmol/L"}, "12.50 mmol/L"),
        ("NM", "<5", "valueQuantity", {"value": 5, "comparator": "<", "unit": "mmol/L"}, "<5 mmol/L"),
        ("NM", "7.0", "valueQuantity", {"value": 7.0, "unit": "mmol/L"}, "7.0 mmol/L"),
        *(
            (
                "SN",
                f"{sign}^90",
                "valueQuantity",
                {"value": 90, "comparator": sign, "unit": "mmol/L"},
                f"{sign}90 mmol/L",
            )
            for sign in ("<", "<=", ">=")
        ),
        ("SN", ">^90", "valueQuantity", {"value": 90, "comparator": ">", "unit": "mmol/L"}, ">90 mmol/L"),
        ("SN", "=^90", "valueQuantity", {"value": 90, "unit": "mmol/L"}, "=90 mmol/L"),
        (
            "SN",
            "^5^-^10",
            "valueRange",
            {"low": {"value": 5, "unit": "mmol/L"}, "high": {"value": 10, "unit": "mmol/L"}},
            "5-10 mmol/L",
        ),
        (
            "SN",
            "^1^:^128",
            "valueRatio",
            {"numerator": {"value": 1, "unit": "mmol/L"}, "denominator": {"value": 128, "unit": "mmol/L"}},
            "1:128 mmol/L",
        ),
        (
            "SN",
            "^1^/^2",
            "valueRatio",
            {"numerator": {"value": 1, "unit": "mmol/L"}, "denominator": {"value": 2, "unit": "mmol/L"}},
            "1/2 mmol/L",
        ),
        ("DT", "20260101", "valueDateTime", "2026-01-01", "2026-01-01"),
        ("TS", "20260101", "valueDateTime", "2026-01-01", "2026-01-01"),
        ("DTM", "20260101", "valueDateTime", "2026-01-01", "2026-01-01"),
    ],
)
def test_a_value_is_read_by_its_type_and_shown_as_it_was_written(
    kind: str, value: str, element: str, told: Any, words: str
) -> None:
    entry = result(kind, value, {6: "mmol/L"})
    assert repr(entry.resource[element]) == repr(told)  # 7.0 is measured more closely than 7
    assert entry.title == f"Sodium: {words}"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("NM", "haemolysed"),
        ("NM", "1" * 40),
        ("SN", "<>^5"),
        ("SN", "^5^+"),
        ("SN", "^5^-"),
        ("SN", "^5^+^10"),
        ("SN", "^1^:"),
        ("SN", ">^1^:^128"),
        ("SN", ">^5^-^10"),
        ("SN", "^many^-^10"),
        ("SN", "^5^-^many"),
        ("TS", "20261301"),
        ("ST", "Not detected"),
        ("ZZ", "anything"),
    ],
)
def test_what_no_type_can_read_is_kept_as_text(kind: str, value: str) -> None:
    entry = result(kind, value)
    assert entry.resource["valueString"] == value.replace("^", " ").strip()
    assert entry.detail == entry.resource["valueString"]


@pytest.mark.parametrize("kind", ["CE", "CWE", "CNE", "CF"])
def test_a_coded_value_keeps_its_own_system(kind: str) -> None:
    entry = result(kind, "112283007^Escherichia coli^SCT")
    assert entry.resource["valueCodeableConcept"]["coding"][0]["system"] == "http://snomed.info/sct"
    assert entry.title == "Sodium: Escherichia coli"


def test_a_coded_value_of_nothing_is_none() -> None:
    assert result("CE", "^^SCT").resource.get("valueString") == "SCT"


def test_a_unit_of_ucum_is_coded_and_another_is_not() -> None:
    coded = result("NM", "140", {6: "mmol/L^millimole per litre^UCUM"}).resource["valueQuantity"]
    assert (coded["system"], coded["code"], coded["unit"]) == ("http://unitsofmeasure.org", "mmol/L", "mmol/L")
    assert "system" not in result("NM", "140", {6: "mmol/L"}).resource["valueQuantity"]
    assert result("NM", "140", {6: "^millimole"}).resource["valueQuantity"]["unit"] == "millimole"


def test_several_values_are_one_text() -> None:
    assert result("NM", "1~2~3").resource["valueString"] == "1\n2\n3"
    assert result("NM", "1~2").resource["valueString"] == "1\n2"


def test_lines_of_text_are_one_text() -> None:
    said = report(obx("TX", "First line"), obx("TX", "Second line"), "NTE|1||By the registrar")
    entry = said.entry(f"{REPORT}/result/NA")
    assert entry.resource["valueString"] == "First line\nSecond line"
    assert entry.resource["note"] == [{"text": "By the registrar"}]


@pytest.mark.parametrize(("first", "second"), [("NM", "TX"), ("TX", "NM")])
def test_a_number_and_words_under_one_code_are_two_results(first: str, second: str) -> None:
    """Else the number would stand in a text, where nobody compares it with others."""
    said = report(obx(first, "140"), obx(second, "141"))
    assert said.keys[1:] == [f"{REPORT}/result/NA", f"{REPORT}/result/NA/2"]
    assert ["valueQuantity" in one.resource for one in said.entries[1:]] == [first == "NM", second == "NM"]


def test_other_results_of_one_code_are_told_apart() -> None:
    said = report(obx("NM", "1"), obx("NM", "2"), obx("NM", "3", {4: "b"}))
    assert [entry.title for entry in said.entries[1:]] == ["Sodium: 1", "Sodium: 2", "Sodium: 3"]
    assert said.keys[1:] == [f"{REPORT}/result/NA", f"{REPORT}/result/NA/2", f"{REPORT}/result/NA/b"]


def test_a_result_in_words_alone_has_a_key_of_its_own() -> None:
    said = report(segment("OBX", {2: "NM", 3: "^Sodium", 5: "140", 11: "F"}))
    assert said.entries[1].title == "Sodium: 140"
    assert said.entries[1].key.startswith(f"{REPORT}/result/")
    both = report(*(segment("OBX", {2: "NM", 3: f"^{name}", 5: "140", 11: "F"}) for name in ("Sodium", "Potassium")))
    assert len({one.key.removesuffix("/2") for one in both.entries[1:]}) == 2


def test_a_result_of_nothing_is_refused() -> None:
    said = report(segment("OBX", {2: "NM", 5: "140"}))
    assert (said.refused, said.keys) == (["OBX-3"], [REPORT])


# Flags, statuses, ranges


@pytest.mark.parametrize(
    ("flag", "title"),
    [("HH", "Sodium: 140 (critically high)"), ("L", "Sodium: 140 (low)"), ("N", "Sodium: 140"), ("", "Sodium: 140")],
)
def test_a_flag_is_told_in_words_unless_it_is_normal(flag: str, title: str) -> None:
    assert result("NM", "140", {8: flag}).title == title


def test_an_unknown_flag_is_kept_and_told() -> None:
    said = report(obx("NM", "140", {8: "QQ^See note"}))
    entry = said.entry(f"{REPORT}/result/NA")
    assert entry.title == "Sodium: 140 (See note)"
    assert entry.resource["interpretation"] == [
        {"coding": [{"system": "https://pisano.example/fhir/CodeSystem/RL4/OBX-8", "code": "QQ"}], "text": "See note"}
    ]
    assert said.warned == ["OBX-8"]
    bare = result("NM", "140", {8: "QQ"})
    assert (bare.title, bare.resource["interpretation"][0]["text"]) == ("Sodium: 140 (QQ)", "QQ")


def test_a_report_tells_what_is_notable_in_it() -> None:
    said = report(obx("NM", "6.1", {3: "K^Potassium^L", 6: "mmol/L", 8: "HH"}), obx("NM", "140", {8: "N"}))
    assert said.entry(REPORT).detail == "Potassium: 6.1 mmol/L (critically high)"


@pytest.mark.parametrize(
    ("code", "status", "title"),
    [
        ("F", "final", "Sodium"),
        ("C", "corrected", "Sodium (corrected)"),
        ("P", "preliminary", "Sodium (preliminary)"),
        ("R", "preliminary", "Sodium (preliminary)"),
        ("S", "preliminary", "Sodium (preliminary)"),
        ("U", "final", "Sodium"),
        ("I", "registered", "Sodium: awaited"),
        ("X", "cancelled", "Sodium: cancelled"),
        ("W", "entered-in-error", "Sodium: withdrawn"),
        ("", "unknown", "Sodium"),
    ],
)
def test_a_result_without_a_value_says_why(code: str, status: str, title: str) -> None:
    entry = result("NM", "", {11: code})
    assert (entry.resource["status"], entry.title) == (status, title)


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("F", "Sodium: 140 (low)"),
        ("P", "Sodium: 140 (low, preliminary)"),
        ("C", "Sodium: 140 (low, corrected)"),
        ("X", "Sodium: 140 (low, cancelled)"),
        ("I", "Sodium: 140 (low, awaited)"),
    ],
)
def test_a_value_that_is_not_final_says_so(code: str, title: str) -> None:
    """As nobody may act on it as if it were."""
    assert result("NM", "140", {8: "L", 11: code}).title == title


def test_words_of_a_test_that_was_cancelled_are_no_result_of_it() -> None:
    entry = result("TX", "Sample insufficient", {11: "X"})
    assert (entry.title, entry.detail) == ("Sodium (cancelled)", "Sample insufficient")


@pytest.mark.parametrize(
    ("code", "told"),
    [("F", ""), ("P", "preliminary"), ("R", "preliminary"), ("A", "partial"), ("C", "corrected"), ("X", "cancelled"),
     ("O", "awaited"), ("I", "awaited"), ("S", "awaited")],
)  # fmt: skip
def test_a_report_that_is_not_final_says_so(code: str, told: str) -> None:
    assert report(obx("NM", "140", {}), obr={25: code}).entry(REPORT).detail == told


def test_a_report_is_whose_it_was_said_of_last_and_one_that_is_withdrawn_takes_nothing_from_anybody() -> None:
    """Else a laboratory that withdraws a report of the wrong person would take it from the right one."""
    told = report(obx("NM", "140"), obx("NM", "4.1", {3: "K^Potassium^L", 11: "W"}))
    assert told.entry(REPORT).elsewhere is Elsewhere.YIELDS
    for withdrawn in (
        report(obx("NM", "140", {11: "X"}), obx("NM", "4.1", {3: "K^Potassium^L", 11: "W"}), obr={25: "C"}),
        report(obx("NM", "140"), obr={25: "X"}),
        report(obr={25: "X"}),
    ):
        assert withdrawn.entry(REPORT).elsewhere is Elsewhere.STANDS
    assert letter(LETTER).entry("DocumentReference/D-1").elsewhere is Elsewhere.YIELDS
    assert letter(LETTER, txa={19: "CA"}).entry("DocumentReference/D-1").elsewhere is Elsewhere.STANDS


@pytest.mark.parametrize("code", ["D", "W"])
def test_a_withdrawn_result_no_longer_stands(code: str) -> None:
    assert result("NM", "140", {11: code}).standing is Standing.ENTERED_IN_ERROR


@pytest.mark.parametrize("code", ["F", "U", "C", "P", "R", "S", "I", "X", ""])
def test_every_other_result_stands(code: str) -> None:
    assert result("NM", "140", {11: code}).standing is Standing.CURRENT


@pytest.mark.parametrize(("obx_17", "told"), [("M1^Electrode", "Electrode"), ("M1", "M1")])
def test_how_a_result_was_measured_stands_with_it(obx_17: str, told: str) -> None:
    assert result("NM", "140", {17: obx_17}).resource["method"] == {"text": told}


def test_a_final_status_without_its_value_keeps_the_value() -> None:
    kept = ("Quantity", "String", "Range", "Ratio", "CodeableConcept", "DateTime")
    assert {f"value{one}" for one in kept} <= {*result("NM", "", {11: "U"}).keeps}
    assert result("NM", "140", {11: "U"}).keeps == result("NM", "", {11: "F"}).keeps == ()


@pytest.mark.parametrize(("field", "fields"), [("OBX-11", {}), ("OBR-25", {25: "Q"})])
def test_an_unknown_status_is_told(field: str, fields: Fields) -> None:
    said = report(obx("NM", "140", {11: "Q"} if not fields else {}), obr=fields)
    assert said.warned == [field]
    of_both = [said.entry(f"{REPORT}/result/NA"), said.entry(REPORT)]
    assert [one.resource["status"] for one in of_both] == (["final", "unknown"] if fields else ["unknown", "final"])


def test_a_status_that_is_not_told_is_unknown_and_no_fault() -> None:
    said = report(obx("NM", "140", {11: ""}), obr={25: ""})
    assert {one.resource["status"] for one in said.entries} == {"unknown"}
    assert said.findings == []


def test_a_reference_range_is_given_as_it_was_written() -> None:
    entry = result("NM", "140", {7: "133 - 146"})
    assert entry.resource["referenceRange"] == [{"text": "133 - 146"}]
    assert entry.detail == "reference range 133 - 146"


def test_a_result_happened_when_it_was_observed_else_when_its_specimen_was_taken() -> None:
    assert result("NM", "140", {14: "202602100700"}).started == datetime(2026, 2, 10, 7, tzinfo=UTC)
    taken = result("NM", "140")
    assert taken.started == taken.ended == datetime(2026, 2, 10, 6, 30, tzinfo=UTC)
    undated = report(obx("NM", "140"), obr={7: ""})
    assert {(one.started, one.ended, one.resource.get("effectiveDateTime")) for one in undated.entries} == {
        (None, None, None)
    }


# Reports


def test_a_report_is_of_when_its_specimen_was_taken_and_under_the_laboratorys_number() -> None:
    said = report(obr={6: "20260209", 8: "20260211", 22: "20260212080000"}).entry(REPORT)
    assert said.started == said.ended == datetime(2026, 2, 10, 6, 30, tzinfo=UTC)
    assert said.resource["effectiveDateTime"] == "2026-02-10T06:30:00+00:00"
    assert said.resource["identifier"] == [{"system": "https://pisano.example/fhir/Id/RL4/report", "value": "L-1"}]


def test_a_report_points_to_its_results() -> None:
    said = report(obx("NM", "140"))
    (pointed,) = said.entry(REPORT).resource["result"]
    assert pointed["identifier"] == said.entry(f"{REPORT}/result/NA").resource["identifier"][0]
    assert pointed["display"] == "Sodium: 140"


def test_a_comment_on_a_report_and_one_on_a_result_are_told_apart() -> None:
    said = report("NTE|1||On the report", obx("NM", "140"), "NTE|1||On the result", "NTE|2", obx("NM", "2", {3: "K"}))
    assert said.entry(REPORT).resource["extension"][0]["valueAnnotation"] == {"text": "On the report"}
    assert report("NTE|1||Haemolysed~Repeat").entry(REPORT).detail == "Haemolysed\nRepeat"
    assert said.entry(f"{REPORT}/result/NA").resource["note"] == [{"text": "On the result"}]


def test_a_comment_before_any_report_belongs_to_none() -> None:
    said = hear(message("ORU^R01", pid(), "NTE|1||On the person", segment("OBR", OBR)))
    assert said.entry(REPORT).detail == ""
    assert said.warned == ["NTE"]
    empty = hear(message("ORU^R01", pid(), "NTE|1", segment("SPM", {4: "UR^Urine"}), segment("OBR", OBR)))
    assert (empty.keys, empty.findings) == ([REPORT], [])
    assert "specimen" not in empty.entry(REPORT).resource


@pytest.mark.parametrize(
    ("obr", "order", "number"),
    [
        ({}, {3: "L-9"}, "L-1"),
        ({3: ""}, {3: "L-9"}, "L-9"),
        ({3: "", 2: "P-1"}, {}, "P-1"),
        ({3: ""}, {2: "P-9"}, "P-9"),
    ],
)
def test_a_report_is_known_by_the_laboratorys_number_else_by_the_placers(
    obr: Fields, order: Fields, number: str
) -> None:
    assert report(obr=obr, order=order).keys == [f"DiagnosticReport/{number}/U+E"]


def test_a_report_without_a_number_is_refused_and_the_next_is_read() -> None:
    said = report(segment("OBR", {**OBR, 3: "L-2"}), obr={3: ""})
    assert (said.refused, said.keys) == (["OBR-3"], ["DiagnosticReport/L-2/U+E"])


def test_a_report_of_nothing_is_refused() -> None:
    assert report(obr={4: ""}).refused == ["OBR-4"]


def test_a_result_before_any_report_is_refused() -> None:
    assert hear(message("ORU^R01", pid(), obx("NM", "140"))).refused == ["OBR"]


def test_a_report_in_words_alone_has_a_key_of_its_own() -> None:
    film, count = (report(obr={4: f"^{words}"}).entries[0] for words in ("Blood film", "Blood count"))
    assert film.title == "Blood film"
    assert film.key != count.key


@pytest.mark.parametrize("code", ["R", "V"])
def test_a_confidential_order_makes_its_results_restricted(code: str) -> None:
    said = report(obx("NM", "140"), order={3: "L-1", 28: code})
    assert {entry.sensitivity for entry in said.entries} == {Sensitivity.RESTRICTED}


def test_one_order_does_not_lend_its_confidence_to_the_next_report() -> None:
    said = hear_sample("results.hl7")
    restricted = {entry.key for entry in said.entries if entry.sensitivity is Sensitivity.RESTRICTED}
    assert restricted == {"DiagnosticReport/L-2/GUM", "DiagnosticReport/L-2/GUM/result/CT"}


def test_a_result_says_nothing_of_demographics() -> None:
    assert {entry.category for entry in hear_sample("results.hl7").entries} == {"results", "documents"}


@pytest.mark.parametrize(("obr_22", "issued"), [("202602100800", "2026-02-10T08:00:00+00:00"), ("20260210", None)])
def test_a_report_is_issued_at_an_instant_or_not_at_all(obr_22: str, issued: str | None) -> None:
    assert report(obr={22: obr_22}).entry(REPORT).resource.get("issued") == issued


# Documents within results


def embedded(kind: str = "application^pdf", content: bytes | str = PDF, encoding: str = "Base64") -> str:
    text = base64.b64encode(content).decode() if isinstance(content, bytes) else content
    return f"LAB^{kind}^{encoding}^{text}"


def test_a_pdf_within_a_result_becomes_a_document_with_its_bytes_beside_it() -> None:
    said = report(obx("ED", embedded(), {3: "PDF^Report^L"}))
    entry = said.entry(f"{REPORT}/document/PDF")
    assert (entry.category, entry.attachment, entry.title) == ("documents", PDF, "Urea and electrolytes: Report")
    (content,) = entry.resource["content"]
    sha1 = base64.b64encode(hashlib.sha1(PDF, usedforsecurity=False).digest()).decode()
    assert content["attachment"] == {
        "contentType": "application/pdf",
        "size": len(PDF),
        "hash": sha1,
        "title": entry.title,
    }
    assert entry.resource["docStatus"] == "final"
    assert entry.started == datetime(2026, 2, 10, 6, 30, tzinfo=UTC)  # when the specimen was taken


@pytest.mark.parametrize(("code", "told"), [("F", "final"), ("C", "final"), ("P", "preliminary"), ("", "preliminary")])
def test_a_document_is_as_final_as_the_report_that_it_is_of(code: str, told: str) -> None:
    part = obx("ED", embedded(), {3: "PDF^Report^L", 13: "20250101", 14: "202602100700", 15: "20250101"})
    entry = report(part, obr={25: code}).entry(f"{REPORT}/document/PDF")
    assert entry.resource["docStatus"] == told
    assert entry.started == datetime(2026, 2, 10, 7, tzinfo=UTC)  # its own time before the specimen's


@pytest.mark.parametrize("kind", ["application^pdf", "TEXT^PDF", "^application/pdf", "PDF^", "IGene^application/pdf"])
def test_a_pdf_is_known_however_its_type_is_written(kind: str) -> None:
    (entry,) = (one for one in report(obx("ED", embedded(kind))).entries if one.attachment)
    assert entry.resource["content"][0]["attachment"]["contentType"] == "application/pdf"


def test_a_document_is_of_the_type_that_it_is_said_to_be() -> None:
    pictures = {
        "JPEG": "image/jpeg",
        "JPG": "image/jpeg",
        "PNG": "image/png",
        "TIFF": "image/tiff",
        "TIF": "image/tiff",
    }
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    said = {"RTF": "application/rtf", "HTML": "text/html", "PLAIN": "text/plain", "TXT": "text/plain", **pictures,
            "DOC": "application/msword", "MSWORD": "application/msword", "DOCX": word}  # fmt: skip

    def told(kind: str) -> Any:
        (entry,) = (one for one in report(obx("ED", embedded(f"application^{kind}", b"x"))).entries if one.attachment)
        return entry.resource["content"][0]["attachment"]["contentType"]

    assert {kind: told(kind) for kind in said} == said


def test_a_document_under_another_type_is_a_document_all_the_same() -> None:
    said = report(obx("CE", embedded(), {4: "PDF"}))
    assert said.entry(f"{REPORT}/document/NA/PDF").attachment == PDF


def test_a_document_said_to_be_a_pdf_that_is_none_is_of_no_known_type() -> None:
    said = report(obx("ED", embedded(content=b"<script>alert(1)</script>")))
    (entry,) = (one for one in said.entries if one.attachment)
    assert entry.resource["content"][0]["attachment"]["contentType"] == "application/octet-stream"
    assert said.warned == ["OBX-5"]


@pytest.mark.parametrize(
    ("kind", "content", "encoding", "told", "bytes_"),
    [
        ("image^JPEG", b"\xff\xd8\xff", "Base64", "image/jpeg", b"\xff\xd8\xff"),
        ("text^plain", "Seen today", "A", "text/plain", b"Seen today"),
        ("application^rtf", "7B5C72746631", "Hex", "application/rtf", b"{\\rtf1"),
        ("x^y", b"\x00\x01", "base64", "application/octet-stream", b"\x00\x01"),
    ],
)
def test_other_documents_keep_their_type(
    kind: str, content: bytes | str, encoding: str, told: str, bytes_: bytes
) -> None:
    (entry,) = (one for one in report(obx("ED", embedded(kind, content, encoding))).entries if one.attachment)
    assert (entry.resource["content"][0]["attachment"]["contentType"], entry.attachment) == (told, bytes_)


def test_base64_may_be_broken_into_lines() -> None:
    text = base64.b64encode(PDF).decode()
    said = report(obx("ED", embedded(content=rf"{text[:20]}\.br\{text[20:]}")))
    assert [one.attachment for one in said.entries if one.attachment] == [PDF]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("JVBERi0x!", "Base64"), ("JVBER", "Base64"), ("", "Base64"), ("zz", "Hex"), ("x", "ROT13")],
)
def test_a_document_that_cannot_be_decoded_is_refused_and_the_report_is_read(content: str, encoding: str) -> None:
    said = report(obx("ED", embedded(content=content, encoding=encoding)))
    assert (said.refused, said.keys) == (["OBX-5"], [REPORT])


def test_no_content_of_a_document_stands_in_a_resource() -> None:
    (entry,) = (one for one in hear_sample("results.hl7").entries if one.attachment)
    assert "synthetic" not in str(entry.resource)
    assert entry.resource["docStatus"] == "preliminary"


# Letters


def letter(*segments: str, txa: Fields | None = None) -> Heard:
    fields = {2: "DS^Discharge summary^L", 4: "20260302143000", 12: "D-1^PAS", 17: "LA", **(txa or {})}
    return hear(message("MDM^T02", pid(), segment("TXA", fields), *segments))


LETTER = segment("OBX", {2: "ED", 3: "DS", 5: embedded()})


def test_a_letter_is_a_document_with_its_bytes_beside_it() -> None:
    entry = letter(LETTER).entry("DocumentReference/D-1")
    assert (entry.title, entry.category, entry.attachment) == ("Discharge summary", "documents", PDF)
    assert entry.started == entry.ended == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert (entry.resource["status"], entry.resource["docStatus"]) == ("current", "final")


def test_a_letter_says_what_it_is_its_number_and_what_day_it_is_of() -> None:
    said = letter(LETTER).entry("DocumentReference/D-1").resource
    assert [one["value"] for one in said["identifier"]] == ["D-1"]
    assert said["type"]["coding"][0]["code"] == "DS"
    assert said["context"] == {"period": {"start": "2026-03-02T14:30:00+00:00"}}
    assert "author" not in said
    of_another_field = letter(LETTER, txa={4: "", 6: "20260303"}).entry("DocumentReference/D-1")
    assert of_another_field.started == datetime(2026, 3, 3, tzinfo=UTC)


def test_lines_of_a_letter_are_one_document() -> None:
    entry = letter("OBX|1|TX|CL||Dear colleague,", "OBX|2|TX|CL||She is well.").entry("DocumentReference/D-1")
    assert entry.attachment == b"Dear colleague,\nShe is well."
    assert entry.resource["content"][0]["attachment"]["contentType"] == "text/plain; charset=utf-8"


def test_a_letter_may_have_several_parts() -> None:
    said = letter(LETTER, LETTER, "OBX|3|TX|CL||A covering note")
    assert said.keys == ["DocumentReference/D-1", "DocumentReference/D-1/2", "DocumentReference/D-1/3"]


def test_a_part_of_a_letter_that_cannot_be_decoded_does_not_keep_the_others_from_being_read() -> None:
    said = letter(segment("OBX", {2: "ED", 5: "PAS^application^pdf^Base64^!"}), LETTER)
    assert (said.refused, said.keys) == (["OBX-5"], ["DocumentReference/D-1"])


def test_a_letter_without_a_number_is_refused() -> None:
    assert letter(LETTER, txa={12: ""}).refused == ["TXA-12"]


@pytest.mark.parametrize("segments", [(), ("OBX|1|TX|CL",)])
def test_a_letter_of_nothing_is_refused(segments: tuple[str, ...]) -> None:
    assert letter(*segments).refused == ["OBX-5"]


@pytest.mark.parametrize(
    ("txa_19", "status", "standing"),
    [
        ("AV", "current", Standing.CURRENT),
        ("OB", "superseded", Standing.ENDED),
        ("CA", "entered-in-error", Standing.ENTERED_IN_ERROR),
    ],
)
def test_the_availability_of_a_letter_is_honoured(txa_19: str, status: str, standing: Standing) -> None:
    entry = letter(LETTER, txa={19: txa_19}).entry("DocumentReference/D-1")
    assert (entry.resource["status"], entry.standing) == (status, standing)


@pytest.mark.parametrize("txa_19", ["UN", "QQ"])
def test_a_letter_that_is_not_for_care_is_refused(txa_19: str) -> None:
    assert letter(LETTER, txa={19: txa_19}).refused == ["TXA-19"]


@pytest.mark.parametrize(
    ("txa_18", "sensitivity"), [("U", Sensitivity.NORMAL), ("R", Sensitivity.RESTRICTED), ("V", Sensitivity.RESTRICTED)]
)
def test_a_confidential_letter_is_restricted(txa_18: str, sensitivity: Sensitivity) -> None:
    assert letter(LETTER, txa={18: txa_18}).entry("DocumentReference/D-1").sensitivity is sensitivity


@pytest.mark.parametrize(("txa_17", "told"), [("AU", "final"), ("IP", "preliminary"), ("", None)])
def test_a_letter_is_final_once_it_was_authenticated(txa_17: str, told: str | None) -> None:
    assert letter(LETTER, txa={17: txa_17}).entry("DocumentReference/D-1").resource.get("docStatus") == told


@pytest.mark.parametrize("field", [9, 5])
def test_the_author_of_a_letter_is_told(field: int) -> None:
    entry = letter(LETTER, txa={field: "C1234567^Fell^Ada^^^Dr^^^GMC"}).entry("DocumentReference/D-1")
    assert entry.resource["author"][0]["display"] == "Dr Ada Fell"


def test_a_letter_of_no_kind_and_no_date_is_still_a_letter() -> None:
    entry = letter(LETTER, txa={2: "", 4: "", 6: ""}).entry("DocumentReference/D-1")
    assert (entry.title, entry.started) == ("Document from the hospital", None)


# ── What was asked, of what, by whom ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("obr", "spm"),
    [
        ({15: "UR&Urine^^^MSU"}, ()),
        ({15: "UR^Urine^^MSU"}, ()),
        ({}, (segment("SPM", {4: "UR^Urine", 8: "MSU"}),)),
    ],
)
def test_what_was_tested_is_told_of_the_report_and_of_each_result(obr: Fields, spm: tuple[str, ...]) -> None:
    """Sodium in urine is not sodium in blood."""
    result = segment("OBX", {2: "NM", 3: "NA^Sodium^L", 5: "40", 11: "F"})
    said = hear(message("ORU^R01", pid(), segment("OBR", {**OBR, **obr}), result, *spm))
    report, (of_result,) = said.entry(REPORT), [one for one in said.entries if "result" in one.key]
    assert report.resource["specimen"] == [{"display": "Urine, MSU"}]
    assert of_result.resource["specimen"] == {"display": "Urine, MSU"}
    assert "Urine, MSU" in report.detail
    assert "Urine, MSU" in of_result.detail


def test_who_asked_why_and_who_reads_it_stand_with_the_report() -> None:
    told = {2: "P-1", 13: "On warfarin", 16: "C99^Smith^Bob", 32: "C7&Path&Ann"}
    report = hear(message("ORU^R01", pid(), segment("OBR", {**OBR, **told}))).entry(REPORT)
    [order] = report.resource["basedOn"]
    assert (order["type"], order["identifier"]["value"]) == ("ServiceRequest", "P-1")
    assert order["display"].startswith("Requested by Bob Smith")
    assert report.resource["resultsInterpreter"][0]["display"] == "Ann Path"
    assert "Clinical information: On warfarin" in report.detail


def test_of_a_request_as_much_is_told_as_is_known() -> None:
    number = {"system": "https://pisano.example/fhir/Id/RL4/request", "value": "P-1"}
    assert report().entry(REPORT).resource.get("basedOn") is None
    assert report(obr={2: "P-1"}).entry(REPORT).resource["basedOn"] == [
        {"type": "ServiceRequest", "identifier": number}
    ]
    (asked,) = report(obr={16: "C99^Smith^Bob"}).entry(REPORT).resource["basedOn"]
    assert set(asked) == {"type", "display"}
    read_by = report(obr={32: "~C7&Path&Ann"}).entry(REPORT).resource["resultsInterpreter"]
    assert [one["display"] for one in read_by] == ["Ann Path"]
