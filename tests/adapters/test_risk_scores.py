"""Scores that others computed come in as entries of the record; what cannot be one is refused."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.registry import adapter
from app.adapters.risk_scores import ADAPTER
from app.risk.imported import ALGORITHM_SYSTEM, SCORE_EXTENSION, VERSION_EXTENSION
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Finding, Sender, Severity, Statement, UnreadableMessage, Utterance

SENDER = Sender(partner=OdsCode("M92001"))
SAMPLE = (Path(__file__).parent / "samples" / "risk" / "scores.csv").read_text(encoding="utf-8")
HEADINGS, FRAILTY, JUDGED, UNKNOWN = SAMPLE.splitlines(keepends=True)


def said(*rows: str, sender: Sender = SENDER, headings: str = HEADINGS) -> list[Utterance]:
    return list(ADAPTER.read(BytesIO((headings + "".join(rows)).encode()), sender))


def findings(*rows: str) -> list[tuple[str, Severity]]:
    return [(one.rule, one.severity) for one in said(*rows) if isinstance(one, Finding)]


def entry(row: str) -> Entry:
    (found,) = [one for statement in said(row) if isinstance(statement, Statement) for one in statement.entries]
    return found


def test_it_is_found_by_its_name() -> None:
    assert adapter("risk-scores-csv") is ADAPTER


def test_a_score_of_each_row_is_an_entry_that_fhir_accepts() -> None:
    for row in (FRAILTY, JUDGED, UNKNOWN):
        found = entry(row)
        assert found.category in ADAPTER.covers
        whole = {**found.resource, "id": "1", "subject": {"reference": "Patient/1"}}
        get_fhir_model_class(found.resource["resourceType"]).model_validate(whole)


def test_a_known_score_keeps_its_algorithm_version_value_and_date() -> None:
    found = entry(FRAILTY)

    assert (found.title, found.detail) == ("Electronic frailty index 2 0.21", "version 2025-04")
    assert found.started == found.ended == datetime(2026, 5, 31, 23, tzinfo=UTC)
    assert found.resource["method"]["coding"][0]["system"] == ALGORITHM_SYSTEM
    assert found.resource["method"]["coding"][0]["code"] == "electronic-frailty-2"
    assert {one["url"]: one.get("valueDecimal", one.get("valueString")) for one in found.resource["extension"]} == {
        SCORE_EXTENSION: 0.21,
        VERSION_EXTENSION: "2025-04",
    }


def test_what_says_how_somebody_is_is_an_observation_with_its_version_and_what_may_befall_them_an_assessment() -> None:
    """mdt.md, section 6: CFS and eFI; eFI2 and the rest predict."""
    judged, predicted = entry(JUDGED), entry(FRAILTY)
    (coding,) = judged.resource["code"]["coding"]

    assert predicted.resource["resourceType"] == entry(UNKNOWN).resource["resourceType"] == "RiskAssessment"
    assert judged.resource["resourceType"] == "Observation"
    assert (coding["system"], coding["code"]) == (ALGORITHM_SYSTEM, "clinical-frailty-scale")
    assert (judged.resource["valueInteger"], judged.resource["effectiveDateTime"]) == (6, "2026-06-02")
    assert judged.resource["extension"] == [{"url": VERSION_EXTENSION, "valueString": "2.0"}]
    assert judged.resource["performer"] == [{"display": "Nell Rushton, Community matron"}]
    assert judged.key.startswith("RiskAssessment/")  # as before: what is sent again replaces what was held


def test_a_judged_score_says_who_judged() -> None:
    assert entry(JUDGED).detail == "version 2.0; by Nell Rushton, Community matron"


def test_an_unknown_algorithm_is_kept_as_it_is_said_and_not_interpreted() -> None:
    found = entry(UNKNOWN)

    assert found.title == "Acme Insight Tier 3"
    assert found.resource["method"] == {"text": "Acme Insight"}
    assert "extension" not in found.resource
    assert ("risk-scores-limits", Severity.WARNING) in findings(UNKNOWN)


def test_a_frailty_score_of_someone_under_65_is_kept_and_marked() -> None:
    young = JUDGED.replace("1940-02-29", "1980-02-29")

    assert findings(young) == [("risk-scores-limits", Severity.WARNING)]
    assert "not studied in people under" in entry(young).detail


@pytest.mark.parametrize(
    ("field", "was", "becomes"),
    [
        ("person-reference", "P1,", ","),
        ("person-reference", "P1,", "1.2E+09,"),
        ("algorithm", "Rockwood", "--"),
        ("score", ",6,", ",,"),
        ("scored-on", "02/06/2026", "02/13/2026"),
        ("value", ",6,", ",12,"),
        ("value", ",6,", ",severe,"),
    ],
)
def test_a_row_that_cannot_be_trusted_is_refused_by_itself(field: str, was: str, becomes: str) -> None:
    refused, kept = said(JUDGED.replace(was, becomes, 1), FRAILTY)

    assert isinstance(refused, Finding)
    assert (refused.rule, refused.severity, refused.line) == (f"risk-scores-{field}", Severity.REFUSED, 2)
    assert isinstance(kept, Statement)


def test_a_mistyped_nhs_number_is_told_and_the_person_can_still_be_matched_by_hand() -> None:
    told, statement = said(FRAILTY.replace("999 000 0018", "999 000 0019"))

    assert isinstance(told, Finding)
    assert isinstance(statement, Statement)
    assert statement.subject.nhs_number is None


def test_the_same_score_sent_twice_has_one_key_and_a_later_one_another() -> None:
    later = FRAILTY.replace("2026-06-01", "2026-07-01")

    assert entry(FRAILTY).key == entry(FRAILTY.replace("eFI2", "EFI 2")).key
    assert entry(FRAILTY).key != entry(later).key


def test_a_partners_own_headings_are_mapped() -> None:
    sender = Sender(partner=OdsCode("M92001"), columns={"score": "Index value"})
    (statement,) = said(FRAILTY, sender=sender, headings=HEADINGS.replace("Score", "Index value", 1))

    assert isinstance(statement, Statement)


def test_a_file_without_the_name_of_the_score_is_refused_whole() -> None:
    with pytest.raises(UnreadableMessage):
        said(FRAILTY, headings=HEADINGS.replace("Algorithm", "Tool"))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters='\x00",\r\n'), max_size=12))
def test_no_text_where_a_score_belongs_breaks_it_or_is_repeated_in_a_finding(text: str) -> None:
    told = said(JUDGED.replace(",6,", f",{text},"))

    assert all(isinstance(one, Finding | Statement) for one in told)
    if len(text.strip()) > 8:
        assert not any(text.strip() in one.text for one in told if isinstance(one, Finding))


COUNTED = HEADINGS.strip() + ",Deficits,Deficits not looked for\r\n"
PERSON = "P1,999 000 0018,01,Ashe,Ivy,1940-02-29,ZX1 1AA"


def of_deficits(deficits: str, *, dark: str = "", score: str = "", algorithm: str = "eFI") -> list[Utterance]:
    return said(f"{PERSON},{algorithm},,{score},2026-06-01,,,{deficits},{dark}\r\n", headings=COUNTED)


def test_an_electronic_frailty_index_is_counted_of_the_deficits_that_a_gp_system_found() -> None:
    *_, statement = of_deficits("falls; housebound;  diabetes", dark="dizziness")
    assert isinstance(statement, Statement)
    (one,) = statement.entries

    assert one.title == "Electronic frailty index 0.083"
    assert one.resource["note"] == [{"text": "1 deficit was not looked for: it may be higher"}]
    assert [(each["url"].rpartition("/")[2], each.get("valueString")) for each in one.resource["extension"]] == [
        ("risk-score-version", "Clegg 2016"), ("risk-score-input", "diabetes"), ("risk-score-input", "falls"),
        ("risk-score-input", "housebound"), ("risk-score-missing", "dizziness"),
    ]  # fmt: skip
    assert one.resource["resourceType"] == "Observation"
    assert one.resource["valueQuantity"]["value"] == 0.083
    get_fhir_model_class("Observation").model_validate({**one.resource, "subject": {"reference": "Patient/1"}})


@pytest.mark.parametrize(
    ("deficits", "more"),
    [
        ("bad luck", {}),
        ("falls", {"algorithm": "Rockwood"}),
        ("falls", {"score": "0.36"}),  # not what the deficits give
        ("falls", {"score": "some"}),
    ],
)
def test_deficits_of_which_no_index_can_be_counted_are_refused(deficits: str, more: dict[str, str]) -> None:
    (refused,) = of_deficits(deficits, **more)

    assert isinstance(refused, Finding)
    assert (refused.rule, refused.severity) == ("risk-scores-value", Severity.REFUSED)
    assert "bad luck" not in refused.text


def test_an_index_that_its_deficits_bear_out_is_taken() -> None:
    *_, statement = of_deficits("falls; housebound; diabetes", score="0.08")

    assert isinstance(statement, Statement)
