"""MPS is asked by file and answers by file: only a sure answer is taken."""

import contextlib
import csv
import io
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from app.person.index import resolve, resolve_traced
from app.person.links import Link, LinkKind
from app.person.matching import Field, Reason
from app.person.mps_batch import MpsBatch, UnreadableResponse, read_response, write_request
from app.person.resolution import Found, Waits
from app.person.tracing import Answer, Failure, Traced, Tracer, Untraced
from app.vocabulary.flag import FlagKind
from app.vocabulary.statement import PersonFlag, Subject, Tracing
from tests.person.people import ACUTE, HOUSING, JOHN, MARY, MONDAY, NUMBERS, TUESDAY, new_ids, said, without_number

RESTRICTED = PersonFlag(kind=FlagKind.LOCATION_RESTRICTED, raised=True)
HEADINGS = (
    "UNIQUE_REFERENCE",
    "REQ_NHS_NUMBER",
    "FAMILY_NAME",
    "SENSITIVTY_FLAG",
    "ERROR_SUCCESS_CODE",
    "MATCHED_NHS_NO",
    "MATCHED_ALGORITHM_INDICATOR",
    "MATCHED_CONFIDENCE_PERCENTAGE",
)


def response(**fields: str) -> str:
    """A response of one row, its answer a sure one where the fields do not say otherwise."""
    row = {
        "UNIQUE_REFERENCE": "w1",
        "ERROR_SUCCESS_CODE": "00",
        "MATCHED_NHS_NO": NUMBERS[0].digits,
        "MATCHED_CONFIDENCE_PERCENTAGE": "100",
    } | fields
    file = io.StringIO()
    writer = csv.DictWriter(file, HEADINGS)
    writer.writeheader()
    writer.writerow(row)
    return file.getvalue()


def answered(text: str, *, confidence: str = "100") -> Answer:
    [(reference, answer)] = read_response(io.StringIO(text), confidence=Decimal(confidence))
    assert reference == "w1"
    return answer


def asked(**waiting: Subject) -> list[dict[str, str]]:
    file = io.StringIO(newline="")
    write_request(file, waiting)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def test_a_request_asks_with_all_that_is_known() -> None:
    [question] = asked(w1=said(MARY, tracing=Tracing.NOT_TRACED, postcode="wv14pj"))
    assert question == {
        "UNIQUE_REFERENCE": "w1",
        "NHS_NO": NUMBERS[0].digits,
        "FAMILY_NAME": "O'Neill",
        "GIVEN_NAME": "Mary",
        "OTHER_GIVEN_NAME": "Ann",
        "GENDER": "2",
        "DATE_OF_BIRTH": "19510704",
        "POSTCODE": "WV1 4PJ",
    }


def test_a_request_leaves_out_what_is_not_known() -> None:
    [question] = asked(w1=Subject(postcode="ZZ99 3VZ"))
    assert {name for name, value in question.items() if value} == {"UNIQUE_REFERENCE", "GENDER"}
    assert question["GENDER"] == "0"


def test_names_are_cut_to_the_length_that_mps_takes() -> None:
    long = "A" * 200
    [question] = asked(w1=said(MARY, family_name=long, given_names=(long, long)))
    lengths = [len(question[name]) for name in ("FAMILY_NAME", "GIVEN_NAME", "OTHER_GIVEN_NAME")]
    assert lengths == [40, 40, 100]


def test_a_name_with_commas_and_line_breaks_stays_one_field() -> None:
    [question] = asked(w1=said(MARY, family_name='Neill, "O"\r\nMary'))
    assert question["FAMILY_NAME"] == 'Neill, "O"\r\nMary'


def test_a_sure_answer_is_a_number() -> None:
    assert answered(response()) == Traced(nhs_number=NUMBERS[0])


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({"ERROR_SUCCESS_CODE": "91"}, Failure.INVALIDATED),
        ({"ERROR_SUCCESS_CODE": "96"}, Failure.NOT_ENOUGH),
        ({"ERROR_SUCCESS_CODE": "97"}, Failure.SEVERAL),
        ({"ERROR_SUCCESS_CODE": "98"}, Failure.NOBODY),
        ({"ERROR_SUCCESS_CODE": "13"}, Failure.ERROR),
        ({"ERROR_SUCCESS_CODE": ""}, Failure.ERROR),
        ({"MATCHED_NHS_NO": "0000000000"}, Failure.NOBODY),
        ({"MATCHED_NHS_NO": "9999999999"}, Failure.SEVERAL),
        ({"MATCHED_NHS_NO": ""}, Failure.NOT_ENOUGH),
        ({"MATCHED_NHS_NO": "9990000001"}, Failure.ERROR),
        ({"MATCHED_CONFIDENCE_PERCENTAGE": "99.99"}, Failure.UNCERTAIN),
        ({"MATCHED_CONFIDENCE_PERCENTAGE": ""}, Failure.UNCERTAIN),
        ({"MATCHED_CONFIDENCE_PERCENTAGE": "NaN"}, Failure.UNCERTAIN),
        ({"MATCHED_CONFIDENCE_PERCENTAGE": "Infinity"}, Failure.UNCERTAIN),
    ],
)
def test_anything_less_than_sure_is_no_answer(fields: dict[str, str], failure: Failure) -> None:
    assert answered(response(**fields)) == Untraced(failure)


@pytest.mark.parametrize(("percentage", "taken"), [("89.9", False), ("90", True), ("95.50", True)])
def test_a_place_may_bound_confidence_lower(percentage: str, taken: bool) -> None:
    answer = answered(response(MATCHED_CONFIDENCE_PERCENTAGE=percentage), confidence="90")
    assert isinstance(answer, Traced) is taken


@pytest.mark.parametrize("fields", [{"SENSITIVTY_FLAG": "S"}, {"SENSITIVTY_FLAG": "Y"}, {"ERROR_SUCCESS_CODE": "92"}])
def test_a_sensitive_person_is_found_with_the_location_restricted(fields: dict[str, str]) -> None:
    assert answered(response(**fields)) == Traced(nhs_number=NUMBERS[0], flags=(RESTRICTED,))


def test_a_superseded_number_is_told_with_the_one_that_replaced_it() -> None:
    answer = answered(response(ERROR_SUCCESS_CODE="90", REQ_NHS_NUMBER=NUMBERS[1].digits))
    assert answer == Traced(nhs_number=NUMBERS[0], superseded=NUMBERS[1])


@pytest.mark.parametrize("requested", ["", NUMBERS[0].digits])
def test_a_number_replaced_by_itself_or_never_asked_about_is_not_superseded(requested: str) -> None:
    assert answered(response(ERROR_SUCCESS_CODE="90", REQ_NHS_NUMBER=requested)) == Traced(nhs_number=NUMBERS[0])


def test_another_number_found_by_demographics_supersedes_nothing() -> None:
    assert answered(response(REQ_NHS_NUMBER=NUMBERS[1].digits)) == Traced(nhs_number=NUMBERS[0])


def test_a_line_before_the_headings_is_skipped_and_so_are_rows_of_nobody() -> None:
    text = (
        "RESP_MPTREQ_20260302090000,SPINE,20260302,1\r\n" + response() + response(UNIQUE_REFERENCE="").split("\n", 1)[1]
    )
    assert answered(text) == Traced(nhs_number=NUMBERS[0])


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "not a response", response().replace("ERROR_SUCCESS_CODE", "CODE"), response().split("\n", 1)[1]],
)
def test_a_file_of_other_headings_is_no_response(text: str) -> None:
    with pytest.raises(UnreadableResponse, match="has the headings ERROR_SUCCESS_CODE, MATCHED_"):
        list(read_response(io.StringIO(text)))


def test_a_field_that_never_ends_is_refused_by_its_line() -> None:
    with pytest.raises(UnreadableResponse, match="broken at line 3"):
        list(read_response(io.StringIO(response() + '"' + "x" * 200_000)))


@given(st.text(), st.decimals(allow_nan=False, min_value=0, max_value=100))
def test_whatever_follows_the_headings_is_read_or_refused(text: str, confidence: Decimal) -> None:
    answers = []
    with contextlib.suppress(UnreadableResponse):
        answers = list(read_response(io.StringIO(",".join(HEADINGS) + "\r\n" + text), confidence=confidence))
    assert all(isinstance(answer, Untraced) for _, answer in answers)


@pytest.fixture
def batch(tmp_path: Path) -> MpsBatch:
    folders = tmp_path / "requests", tmp_path / "responses"
    for folder in folders:
        folder.mkdir()
    return MpsBatch(requests=folders[0], responses=folders[1])


def test_a_batch_asks_once_and_answers_when_the_response_has_come(batch: MpsBatch) -> None:
    tracer: Tracer = batch
    waiting = {"w1": without_number(MARY), "w2": without_number(JOHN)}
    assert tracer.trace(waiting) == {}
    assert tracer.trace(waiting) == {}
    [request] = batch.requests.iterdir()
    assert (request.name, request.stat().st_mode & 0o777) == ("MPTREQ_000001.csv", 0o600)
    (batch.responses / "RESP.csv").write_text(response(), encoding="utf-8-sig")
    assert tracer.trace(waiting) == {"w1": Traced(nhs_number=NUMBERS[0])}
    assert list(batch.requests.iterdir()) == [request]


def test_a_batch_asks_only_about_those_of_whom_nobody_asked(batch: MpsBatch) -> None:
    batch.trace({"w1": without_number(MARY)})
    batch.trace({"w1": without_number(MARY), "w2": without_number(JOHN)})
    second = (batch.requests / "MPTREQ_000002.csv").read_text(encoding="utf-8")
    assert [row["UNIQUE_REFERENCE"] for row in csv.DictReader(io.StringIO(second))] == ["w2"]


def test_a_batch_takes_no_answer_that_nobody_waits_for(batch: MpsBatch) -> None:
    (batch.responses / "RESP.csv").write_text(response(), encoding="utf-8")
    assert batch.trace({}) == {}


def test_a_name_in_another_encoding_does_not_spoil_the_answer(batch: MpsBatch) -> None:
    (batch.responses / "RESP.csv").write_text(response(FAMILY_NAME="Núñez"), encoding="cp1252")
    assert batch.trace({"w1": without_number(MARY)}) == {"w1": Traced(nhs_number=NUMBERS[0])}


FIRST, SECOND, THIRD = (UUID(int=n, version=4) for n in range(1, 4))


def test_a_traced_subject_is_filed_under_its_number_known_or_new(connection: Connection) -> None:
    resolve(connection, ACUTE, [MARY], at=MONDAY, new_id=new_ids())
    answered = [
        (without_number(MARY, local_id="T1"), Traced(nhs_number=NUMBERS[0])),
        (without_number(JOHN, local_id="T2"), Traced(nhs_number=NUMBERS[1])),
    ]
    settled = resolve_traced(connection, HOUSING, answered, at=TUESDAY, by="mps", new_id=new_ids(2))
    assert settled == [(Found(FIRST, FIRST), None), (Found(SECOND, SECOND), None)]
    again = resolve(connection, HOUSING, [Subject(local_id="T2")], at=TUESDAY, new_id=new_ids(9))
    assert again == [Found(SECOND, SECOND)]


def test_a_traced_subject_that_disagrees_with_whom_we_know_waits(connection: Connection) -> None:
    resolve(connection, ACUTE, [MARY], at=MONDAY, new_id=new_ids())
    answered = [(without_number(JOHN), Traced(nhs_number=NUMBERS[0]))]
    [(resolution, _)] = resolve_traced(connection, HOUSING, answered, at=TUESDAY, by="mps", new_id=new_ids(2))
    fields = (Field.BIRTH_DATE, Field.FAMILY_NAME, Field.GIVEN_NAMES)
    assert resolution == Waits(Reason.DISAGREES, fields, (FIRST,))


def test_a_superseded_number_moves_the_record_with_the_answer(connection: Connection) -> None:
    resolve(connection, ACUTE, [MARY], at=MONDAY, new_id=new_ids())
    answered = [(said(MARY, tracing=Tracing.NOT_TRACED), Traced(nhs_number=NUMBERS[1], superseded=NUMBERS[0]))]
    [(resolution, link)] = resolve_traced(connection, ACUTE, answered, at=TUESDAY, by="mps", new_id=new_ids(2))
    assert isinstance(link, Link)
    assert (link.kind, link.survivor, link.retired) == (LinkKind.SUPERSEDED, SECOND, FIRST)
    assert resolution == Found(SECOND, FIRST)


def test_a_superseded_number_unknown_here_joins_nobody(connection: Connection) -> None:
    answered = [(said(MARY, tracing=Tracing.NOT_TRACED), Traced(nhs_number=NUMBERS[1], superseded=NUMBERS[0]))]
    settled = resolve_traced(connection, ACUTE, answered, at=TUESDAY, by="mps", new_id=new_ids())
    assert settled == [(Found(FIRST, FIRST), None)]
