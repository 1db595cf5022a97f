"""What partners' CSV files may be, and how each fault in one is told."""

import io
import tracemalloc
from contextlib import suppress
from datetime import date
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters import delimited
from app.adapters.delimited import Column, Row, date_or_none, mangled_by_spreadsheet, read_date, read_nhs_number, rows
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import Finding, Severity, UnreadableMessage

COLUMNS = (Column("Person Reference", required=True), Column("Start Date", "StartDate"), Column("Note"))


def read(text: str | bytes, *, encoding: str = "utf-8", part: str | None = None) -> list[Row | Finding]:
    message = text.encode() if isinstance(text, str) else text
    return list(rows(io.BytesIO(message), COLUMNS, encoding=encoding, part=part))


def values(text: str | bytes, *, encoding: str = "utf-8") -> list[tuple[str, ...]]:
    found = read(text, encoding=encoding)
    assert not [one for one in found if isinstance(one, Finding)]
    return [cast(Row, row).values for row in found]


def refusal(text: str | bytes, *, encoding: str = "utf-8") -> Finding:
    with pytest.raises(UnreadableMessage) as caught:
        read(text, encoding=encoding)
    return caught.value.finding


class Endless(io.RawIOBase):
    """A stream that gives the same bytes for ever, as a file of any size would."""

    def __init__(self, head: bytes, body: bytes) -> None:
        self.rest, self.body, self.given = head, body, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while len(self.rest) < len(buffer):
            self.rest += self.body
        buffer[:], self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        self.given += len(buffer)
        return len(buffer)


def test_columns_are_given_in_the_order_asked_for_and_stripped() -> None:
    assert values("Note,Person Reference,Other,Start Date\n spoke to son ,17,x,2025-04-01\n") == [
        ("17", "2025-04-01", "spoke to son")
    ]


@pytest.mark.parametrize("heading", ["Person Reference", "person_reference", "PERSON-REFERENCE:", " PersonReference "])
def test_headings_are_compared_by_their_letters_alone(heading: str) -> None:
    assert values(f"{heading}\n17\n") == [("17", "", "")]


def test_a_column_may_go_by_several_headings() -> None:
    assert values("Person Reference,StartDate\n17,2025-04-01\n") == [("17", "2025-04-01", "")]


def test_columns_that_nobody_asks_for_are_passed_over_even_where_they_stand_twice() -> None:
    assert values("x,Person Reference,x,,\n1,17,2,3,4\n") == [("17", "", "")]


def test_a_missing_heading_refuses_the_file_and_is_named() -> None:
    assert refusal("Start Date,Note\n2025-04-01,x\n").text == "headings are missing: Person Reference"


def test_a_file_without_headings_is_refused_without_repeating_its_first_person() -> None:
    assert "Arthur" not in refusal("17,Arthur,Penn\n").text


def test_a_heading_that_stands_twice_refuses_the_file() -> None:
    found = refusal("Person Reference,PERSON_REFERENCE\n17,18\n")
    assert (found.rule, found.text) == ("csv-headings", "headings stand twice: Person Reference")


def test_an_empty_file_is_refused() -> None:
    assert refusal("").rule == "csv-empty"
    assert refusal("\n\n").rule == "csv-empty"


def test_headings_without_rows_say_nothing() -> None:
    assert values("Person Reference\n") == []


def test_headings_that_cannot_be_read_refuse_the_file() -> None:
    assert refusal('"Person" Reference,Note\n17,x\n').rule == "csv-headings"


def test_lines_may_end_as_windows_writes_them_and_the_last_may_have_no_end() -> None:
    assert values("Person Reference,Note\r\n17,a\r\n18,b") == [("17", "", "a"), ("18", "", "b")]


def test_a_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    assert values(b"\xef\xbb\xbfPerson Reference\n17\n") == [("17", "", "")]


def test_a_byte_order_mark_is_believed_before_what_was_declared() -> None:
    assert values("\ufeffPerson Reference,Note\n17,Zoë\n", encoding="cp1252") == [("17", "", "Zoë")]


def test_cp1252_is_read_where_it_is_declared_and_refused_where_it_is_not() -> None:
    file = "Person Reference,Note\n17,Zoë\n".encode("cp1252")
    assert values(file, encoding="cp1252") == [("17", "", "Zoë")]
    assert (refusal(file).rule, refusal(file).line) == ("csv-encoding", 2)


def test_bytes_that_cp1252_does_not_have_refuse_the_file() -> None:
    assert refusal(b"Person Reference\n\x81\n", encoding="cp1252").rule == "csv-encoding"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_refused_with_what_to_do(encoding: str) -> None:
    found = refusal("Person Reference\n17\n".encode(encoding))
    assert found.rule in ("csv-encoding", "csv-nul")
    assert "UTF-8" in found.text


def test_a_nul_refuses_the_file() -> None:
    assert refusal(b"Person Reference\n1\x007\n").rule == "csv-nul"


def test_quoted_values_may_hold_commas_and_lines_and_rows_know_where_they_begin() -> None:
    found = read('Person Reference,Note\n17,"one,\ntwo"\n\n18,x\n')
    assert found == [Row(2, ("17", "", "one,\ntwo")), Row(5, ("18", "", "x"))]


def test_empty_rows_are_passed_over() -> None:
    assert values("Person Reference,Note\n\n,\n17,x\n,\n") == [("17", "", "x")]


def test_commas_that_a_spreadsheet_adds_at_the_end_do_no_harm() -> None:
    assert values("Person Reference,Note\n17,x,,,\n") == [("17", "", "x")]


@pytest.mark.parametrize("row", ["17", "17,x,y"])
def test_a_row_that_does_not_fit_its_headings_is_refused_by_itself(row: str) -> None:
    ragged, sound = read(f"Person Reference,Note\n{row}\n18,x\n")
    assert isinstance(ragged, Finding)
    assert (ragged.rule, ragged.severity, ragged.line) == ("csv-ragged", Severity.REFUSED, 2)
    assert sound == Row(3, ("18", "", "x"))


def test_quotation_marks_that_do_not_pair_refuse_their_row() -> None:
    broken, sound = read('Person Reference,Note\n17,"O"Brien"\n18,x\n')
    assert isinstance(broken, Finding)
    assert (broken.rule, broken.line) == ("csv-quotes", 2)
    assert sound == Row(3, ("18", "", "x"))


def test_a_finding_names_the_part_of_a_zip() -> None:
    (found,) = read("Person Reference,Note\n17\n", part="MHS001MPI.csv")
    assert isinstance(found, Finding)
    assert found.part == "MHS001MPI.csv"


@pytest.mark.parametrize("end", ["18", '18,"spoke to'])
def test_a_file_that_is_cut_off_within_a_row_is_refused_whole(end: str) -> None:
    found = refusal(f"Person Reference,Note\n17,x\n{end}")
    assert (found.rule, found.line) == ("csv-truncated", 3)


def test_a_200_megabyte_field_is_refused_without_being_read() -> None:
    stream = Endless(b"Person Reference,Note\n17,", b"x" * 4096)
    with pytest.raises(UnreadableMessage) as caught:
        list(rows(io.BufferedReader(stream), COLUMNS))
    assert caught.value.finding.rule == "csv-row-length"
    assert stream.given < 2 * delimited.LONGEST_ROW


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_file() -> None:
    stream = Endless(b'Person Reference,Note\n17,"spoke to', b"son\n18,x\n")
    with pytest.raises(UnreadableMessage) as caught:
        list(rows(io.BufferedReader(stream), COLUMNS))
    assert caught.value.finding.rule == "csv-row-length"
    assert stream.given < 2 * delimited.LONGEST_ROW


@pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure
def test_a_file_of_any_size_is_read_in_the_same_memory() -> None:
    stream = Endless(b"Person Reference,Note\n", b"17,spoke to son\n" * 100)
    read = rows(io.BufferedReader(stream), COLUMNS)
    next(read)
    tracemalloc.start()
    for _ in range(50_000):
        next(read)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300_000


@given(st.binary(max_size=400))
def test_no_bytes_do_worse_than_be_refused(message: bytes) -> None:
    for file in (message, b"Person Reference,Note\n" + message):
        with suppress(UnreadableMessage):
            assert all(len(found.values) == 3 for found in read(file) if isinstance(found, Row))


@pytest.mark.parametrize(
    "text", ["2025-04-01", "01/04/2025", "1/4/2025", "2025-04-01 00:00:00", "2025-04-01T09:30:00.000"]
)
def test_a_date_is_read_with_its_day_before_its_month(text: str) -> None:
    assert read_date(text) == date(2025, 4, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2025-13-01",
        "01/13/2025",
        "30/02/2025",
        "01/04/25",
        "45748",
        "31/12/9999",
        "2025-W14-2",
        "1 April 2025",
        "٢٠٢٥-٠٤-٠١",
    ],
)
def test_what_is_no_date_is_never_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|day|year"):
        read_date(text)
    assert date_or_none(text) is None


def test_an_empty_date_is_none() -> None:
    assert read_date("") is None


@pytest.mark.parametrize(
    ("text", "mangled"),
    [("9.99E+09", True), ("1E+05", True), ("1E5", False), ("####", True), ("9990037000", False), ("", False)],
)
def test_numbers_that_a_spreadsheet_rounded_away_are_known(text: str, mangled: bool) -> None:
    assert mangled_by_spreadsheet(text) is mangled


def test_an_nhs_number_may_be_spaced_or_absent() -> None:
    assert read_nhs_number("999 003 7000", 7) == NHSNumber("9990037000")
    assert read_nhs_number("", 7) is None


@pytest.mark.parametrize("text", ["9990037001", "9.99E+09", "0000000000", "NK"])
def test_what_is_no_nhs_number_is_a_warning_that_does_not_repeat_it(text: str) -> None:
    found = read_nhs_number(text, 7, part="a.csv")
    assert isinstance(found, Finding)
    assert (found.rule, found.severity, found.line, found.part) == ("nhs-number", Severity.WARNING, 7, "a.csv")
    assert text not in found.text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"Person Reference;Start Date\n1;2025-04-01\n", "the columns are parted by semicolons or tabs"),
        (b"Person Reference\tStart Date\n1\t2025-04-01\n", "the columns are parted by semicolons or tabs"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>\n", "the file is a web page or XML"),
        (b"PK\x03\x04\x14\x00\x06\x00", "the file is an Excel workbook or a ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "the file is an Excel workbook or a ZIP"),
    ],
)
def test_what_is_no_csv_is_told_as_what_it_is(content: bytes, text: str) -> None:
    """A list of all headings as missing does not tell an engineer that Excel wrote semicolons."""
    assert refusal(content).text.startswith(text)
