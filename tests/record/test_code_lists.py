"""What the law keeps back by its code is barred, however it is coded and whoever sent it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from app.database.transactions import transaction
from app.record.barred.code_lists import InvalidCodeList, read_code_lists
from app.record.code_list_commands import code_list
from app.record.kept.encode import security
from app.record.kept.relabelling import relabel
from app.record.label_numbers import label_number
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry
from tests.record.test_filing import TUESDAY, problem, put, rows

ICD_10, SNOMED_CT = "http://hl7.org/fhir/sid/icd-10", "http://snomed.info/sct"
OURS = read_code_lists(None)
LOCAL = """
list = "local"
title = "What a partner of this place keeps back"
law = "Its own undertaking"
sensitivity = "sealed"
version = "1"
source = "The partner"

[[codes]]
system = "http://snomed.info/sct"
are = ["230690007"]
"""


def coded(system: str, code: str, **more: Any) -> Entry:
    return problem(
        resource={"resourceType": "Condition", "code": {"coding": [{"system": system, "code": code}]}}, **more
    )


DIAGNOSES = st.sampled_from(["Z31.2", "I63", "F64.0", "A51.0", "J45"])


@given(st.lists(DIAGNOSES, max_size=4), DIAGNOSES)
def test_32_derived_text_is_labelled_at_least_as_strictly_as_the_strictest_of_its_sources(
    sources: list[str], own: str
) -> None:
    """sharing.md, section 4: whoever may read a report may read each result of which its words are made."""
    results = [coded(ICD_10, each) for each in sources]
    report = coded(ICD_10, own, derived_from=tuple(one.resource for one in results))
    order = list(Sensitivity)

    alone, derived = OURS.labelled(coded(ICD_10, own)), OURS.labelled(report)
    assert order.index(derived.sensitivity) == max(
        order.index(OURS.labelled(one).sensitivity) for one in (alone, *results)
    )


def held(engine: Engine) -> Sequence[Any]:
    return rows(engine, "SELECT label, sensitivity, resource FROM entry ORDER BY key")


@pytest.mark.parametrize(
    ("system", "code", "sensitivity"),
    [
        (ICD_10, "Z31.2", "barred"),
        (ICD_10, "Z312", "barred"),
        (ICD_10, "n98.1", "barred"),
        (ICD_10, "F64.0", "barred"),
        (SNOMED_CT, "58533008", "barred"),
        (SNOMED_CT, "52637005", "barred"),
        (SNOMED_CT, "407376001", "barred"),
        (SNOMED_CT, "76272004", "sexual-health"),
        (ICD_10, "A54.9", "sexual-health"),
        (ICD_10, "I63.9", "normal"),
        (ICD_10, "Z31.9", "normal"),
        ("https://hospital.example/codes", "Z31.2", "normal"),
    ],
)
def test_a_code_is_labelled_as_its_list_says(system: str, code: str, sensitivity: str) -> None:
    assert OURS.labelled(coded(system, code)).sensitivity == sensitivity


@given(st.sampled_from(list(Sensitivity)), st.sampled_from([(ICD_10, "Z31.2"), (ICD_10, "A54"), (ICD_10, "I63")]))
def test_a_list_never_makes_less_careful(sensitivity: Sensitivity, code: tuple[str, str]) -> None:
    order = list(Sensitivity)
    labelled = OURS.labelled(coded(*code, sensitivity=sensitivity)).sensitivity
    assert order.index(labelled) >= order.index(sensitivity)


@given(st.recursive(st.just({"system": ICD_10, "code": "Z31.2"}),
                    lambda within: st.lists(within, min_size=1, max_size=2) | st.dictionaries(
                        st.sampled_from(["code", "reason", "extension"]), within, min_size=1, max_size=2),
                    max_leaves=5))  # fmt: skip
def test_a_code_is_found_wherever_in_a_resource_it_stands(within: Any) -> None:
    assert OURS.asked_by({"resourceType": "Procedure", "part": within}) == "barred"


def test_what_is_filed_is_barred_and_says_so_in_its_resource(engine: Engine) -> None:
    put(engine, coded(ICD_10, "Z31.2"))
    ((label, sensitivity, resource),) = held(engine)
    assert sensitivity == "barred"
    assert label == label_number(Label(OdsCode("RL4"), Category("problems"), Sensitivity.BARRED))
    assert "barred" in {tag["code"] for tag in orjson.loads(resource)["meta"]["security"]}


def test_sent_again_it_is_the_same(engine: Engine) -> None:
    put(engine, coded(ICD_10, "Z31.2"))
    assert put(engine, coded(ICD_10, "Z31.2"), message=2).unchanged == 1


def test_a_list_that_is_put_in_later_is_applied_to_what_is_held_and_to_what_it_was(
    engine: Engine, tmp_path: Path
) -> None:
    put(engine, coded(SNOMED_CT, "230690007"), coded(SNOMED_CT, "38341003", key="Condition/2"))
    put(engine, coded(SNOMED_CT, "230690007", title="Stroke, again", recorded=TUESDAY), message=2)
    (tmp_path / "local.toml").write_text(LOCAL)
    with transaction(engine) as connection:
        assert relabel(connection, read_code_lists(tmp_path)) == 2
        assert relabel(connection, read_code_lists(tmp_path)) == 0
    assert [row.sensitivity for row in held(engine)] == ["sealed", "normal"]
    ((former,),) = rows(engine, "SELECT sensitivity FROM entry_version")
    assert former == "sealed"


def test_a_list_of_the_same_name_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "newer.toml").write_text(
        LOCAL.replace('"local"', '"gender-recognition"').replace('"1"', '"2027-01-01"')
    )
    lists = read_code_lists(tmp_path)
    assert {each.list: each.version for each in lists.lists}["gender-recognition"] == "2027-01-01"
    assert lists.asked_by({"code": [{"system": ICD_10, "code": "Z31.2"}]}) == "barred"


@pytest.mark.parametrize(
    "wrong",
    [
        "not toml at all [",
        LOCAL.replace("sealed", "secret"),
        LOCAL.replace("are =", "is ="),
        LOCAL.replace("230690007", "230690008"),
        LOCAL.replace("are =", "below = true\nare ="),
    ],
)
def test_nothing_is_read_by_a_list_that_is_not_whole(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "local.toml").write_text(wrong)
    with pytest.raises(InvalidCodeList):
        read_code_lists(tmp_path)


REFSET = "999004371000000100"
RELEASE = f"""id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId
a\t20240410\t1\t999000011000000103\t{REFSET}\t63487001
b\t20250410\t1\t999000011000000103\t{REFSET}\t52637005
c\t20260410\t0\t999000011000000103\t{REFSET}\t22298006
d\t20270410\t1\t999000011000000103\t999004351000000109\t407374003
"""
CONCEPTION = ("--list", "own", "--title", 'Say "conception"', "--law", "HFE Act 1990 s33A")


def from_refset(folder: Path, release: str, refset: str = REFSET) -> Result:
    (folder / "release.txt").write_text(release)
    return CliRunner().invoke(code_list, ["from-refset", str(folder / "release.txt"), "--refset", refset, *CONCEPTION])


def test_a_reference_set_of_a_release_becomes_a_list_of_its_version(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/own.toml").write_text(from_refset(tmp_path, RELEASE).stdout)
    [own] = [each for each in read_code_lists(tmp_path / "lists").lists if each.list == "own"]
    assert (own.version, own.sensitivity, own.title) == ("20260410", "barred", 'Say "conception"')
    assert [codes.are for codes in own.codes] == [("52637005", "63487001")]


@pytest.mark.parametrize(
    "release", ["code,term\n", RELEASE.replace(REFSET, "999004381000000103"), RELEASE.replace("63487001", "63487002")]
)
def test_what_is_no_whole_reference_set_becomes_no_list(tmp_path: Path, release: str) -> None:
    told = from_refset(tmp_path, release)
    assert (told.stdout, type(told.exception)) == ("", InvalidCodeList)


def test_a_folder_that_is_not_there_is_no_folder_without_lists(tmp_path: Path) -> None:
    with pytest.raises(InvalidCodeList):
        read_code_lists(tmp_path / "nowhere")


def test_32_what_is_made_of_what_is_held_asks_for_as_much_care(engine: Engine) -> None:
    """A report of a result that was sent before, by the id that it was given here."""
    put(engine, problem("Observation/1", sensitivity=Sensitivity.SEXUAL_HEALTH), problem("Observation/2"))
    numbers = [number for (number,) in rows(engine, "SELECT id FROM entry ORDER BY key")]
    reports = [
        problem(
            f"DiagnosticReport/{place}",
            resource={"resourceType": "DiagnosticReport", "result": [{"reference": f"Observation/{number}"}, {}]},
        )
        for place, number in enumerate(numbers)
    ]
    put(engine, *reports, message=2)
    told = rows(engine, "SELECT sensitivity FROM entry WHERE resource_type = 'DiagnosticReport' ORDER BY key")
    assert [*told] == [("sexual-health",), ("normal",)]


def test_32_a_report_that_names_a_held_result_as_its_laboratory_does_asks_for_as_much_care(engine: Engine) -> None:
    """It comes in a later message than the result; a report of another result is left as it was."""

    def named(kind: str, place: int, **said: Any) -> Entry:
        identifier: Any = {"system": "https://x", "value": str(place)}
        result = {"identifier": [identifier]} if kind == "Observation" else {"result": [{"identifier": identifier}]}
        return problem(f"{kind}/{place}", resource={"resourceType": kind, **result}, **said)

    put(engine, named("Observation", 1, sensitivity=Sensitivity.RESTRICTED), named("Observation", 2))
    put(engine, named("DiagnosticReport", 1), named("DiagnosticReport", 2), message=2)
    told = rows(engine, "SELECT sensitivity FROM entry WHERE resource_type = 'DiagnosticReport' ORDER BY key")
    assert [*told] == [("restricted",), ("normal",)]


def test_32_a_result_that_asks_for_more_care_later_keeps_back_the_report_that_names_it(engine: Engine) -> None:
    """By its id or by its own identifier, in all versions of the report; another report is left as it was."""

    def result(**more: Any) -> Entry:
        said = {"resourceType": "Observation", "identifier": [{"system": "https://x", "value": "1"}], "note": more}
        return problem("Observation/1", resource=said, **({"sensitivity": Sensitivity.RESTRICTED} if more else {}))

    def report(place: int, *named: dict[str, Any]) -> Entry:
        whole = {"resourceType": "DiagnosticReport", "result": [*named], "conclusion": str(place)}
        return problem(f"DiagnosticReport/{place}", resource=whole)

    put(engine, result())
    ((number,),) = rows(engine, "SELECT id FROM entry")
    by_id, by_identifier = {"reference": f"Observation/{number}"}, {"identifier": {"system": "https://x", "value": "1"}}
    put(engine, report(1), report(2, by_identifier), report(3), message=2)
    put(engine, report(1, by_id), message=3)
    put(engine, result(text="In confidence"), message=4)
    told = "SELECT sensitivity FROM {} WHERE resource_type = 'DiagnosticReport' ORDER BY key"
    assert rows(engine, told.format("entry")) == [("restricted",), ("restricted",), ("normal",)]
    ((kept,),) = rows(engine, "SELECT convert_from(resource, 'UTF8') FROM entry WHERE key = 'DiagnosticReport/1'")
    assert orjson.loads(kept)["meta"]["security"] == orjson.loads(security(Sensitivity.RESTRICTED))


def test_32_a_score_is_kept_back_once_any_of_what_it_rests_on_asks_for_more_care(engine: Engine) -> None:
    """As a bundle calls each kind of source: by its own identifier, of which some have one alone."""
    named = {"QuestionnaireResponse": "identifier", "DocumentReference": "masterIdentifier"}
    kinds = (*named, "Condition", "Procedure", "Flag", "Encounter")  # a score may rest on anything

    def source(kind: str, **care: Any) -> Entry:
        called: Any = {"system": "https://x", "value": kind}
        name = {named[kind]: called} if kind in named else {"identifier": [called]}
        return problem(f"{kind}/1", resource={"resourceType": kind, **name, "language": str(care)}, **care)

    def score(kind: str) -> Entry:
        basis = [{"type": kind, "identifier": {"system": "https://x", "value": kind}}]
        return problem(f"RiskAssessment/{kind}", resource={"resourceType": "RiskAssessment", "basis": basis})

    put(engine, *map(source, kinds), *map(score, kinds))
    for message, kind in enumerate(kinds, 2):  # each by itself, as another would have all of them read again
        put(engine, source(kind, sensitivity=Sensitivity.RESTRICTED), message=message)
    told = rows(engine, "SELECT key, sensitivity FROM entry WHERE resource_type = 'RiskAssessment' ORDER BY key")
    assert told == [(f"RiskAssessment/{kind}", "restricted") for kind in sorted(kinds)]


def test_32_a_list_that_is_put_in_later_keeps_back_what_is_made_of_what_it_keeps_back(
    engine: Engine, tmp_path: Path
) -> None:
    """A report of a panel of results, the newest named otherwise than before; another report is left as it was."""

    def made(kind: str, number: int, element: str = "", *sources: dict[str, Any]) -> Entry:
        named = {"system": "https://x", "value": f"{kind}{number}"}
        whole: dict[str, Any] = {
            "resourceType": kind,
            "identifier": [named],
            **({element: [*sources]} if element else {}),
        }
        return problem(f"{kind}/{number}", resource=whole)

    def called(value: str) -> dict[str, Any]:
        return {"identifier": {"system": "https://x", "value": value}}

    stroke = replace(made("Observation", 1), recorded=None)
    stroke.resource["code"] = {"coding": [{"system": SNOMED_CT, "code": "230690007"}]}
    put(engine, stroke, made("Observation", 2, "hasMember", called("Observation1")))
    ((number,),) = rows(engine, "SELECT id FROM entry WHERE key = 'Observation/2'")
    by_id = {"reference": f"Observation/{number}/_history/1"}
    put(
        engine,
        made("DiagnosticReport", 1, "result", by_id),
        made("DiagnosticReport", 2, "result", called("Observation9")),
    )
    put(engine, made("DiagnosticReport", 1, "result", called("Observation2")), message=2)
    (tmp_path / "local.toml").write_text(LOCAL)
    with transaction(engine) as connection:
        assert relabel(connection, read_code_lists(tmp_path)) == 4
        assert relabel(connection, read_code_lists(tmp_path)) == 0
    kept_back = rows(engine, "SELECT key FROM entry WHERE sensitivity = 'sealed' ORDER BY key")
    assert [key for (key,) in kept_back] == ["DiagnosticReport/1", "Observation/1", "Observation/2"]
    assert [*rows(engine, "SELECT sensitivity FROM entry_version")] == [("sealed",)]
