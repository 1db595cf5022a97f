"""How HL7 v2 is parted into messages, segments, fields and components, and what of it cannot be read."""

import io
import string

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.acute_hl7v2 import AcuteHL7v2
from app.adapters.acute_hl7v2.message.framing import units
from app.adapters.acute_hl7v2.message.segments import Message, NotHL7, parse, read_delimiters, read_header, unescape
from app.adapters.acute_hl7v2.message.timestamps import read_date, read_moment
from app.vocabulary.statement import UnreadableMessage
from tests.adapters.acute_feed import TRUST, hear, message, pid, pv1

MARKS = read_delimiters(b"MSH|^~\\&|")
FIRST, SECOND = message("ADT^A31", pid()), message("ADT^A31", pid({3: "H1002^^^RL4^MR"}))


def parted(text: str) -> Message:
    return parse(text, read_delimiters(text.encode()))


def local_ids(content: str | bytes) -> list[str | None]:
    return [said.subject.local_id for said in hear(content).statements]


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_segments_may_end_with_cr_lf_or_both(ending: str) -> None:
    assert local_ids(FIRST.replace("\r", ending)) == ["H1001"]


def test_msh_1_is_the_separator_itself() -> None:
    header = parted(FIRST).header
    assert (header.raw(1), header.raw(2), header.code(9), header.code(9, 2)) == ("|", "^~\\&", "ADT", "A31")


def test_the_delimiters_are_those_that_the_message_names() -> None:
    other = FIRST.translate(str.maketrans("|^~\\&", "#*@/+"))
    assert local_ids(other) == ["H1001"]


def test_a_silent_field_and_a_deleted_one_are_not_the_same() -> None:
    segment = parted('MSH|^~\\&|\rPID||""|x').segments[1]
    assert segment.silent(1, 4, 9)
    assert not segment.silent(2)
    assert (segment.text(2), segment.text(3), segment.text(9)) == ("", "x", "")
    assert segment.repetitions(2) == []


def test_a_component_may_be_deleted_by_itself() -> None:
    assert parted('MSH|^~\\&|\rPID|a^""^c~""').segments[1].repetitions(1) == [["a", "", "c"]]


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [
        (r"O\T\NEILL", "O&NEILL"),
        (r"\F\\S\\R\\E\ ", "|^~\\ "),
        (r"one\.br\two\.sp\three", "one\ntwo\nthree"),
        (r"\H\high\N\ ", "high "),
        (r"\X41C3A9\ ", "Aé "),
        (r"\X00\ ", r"\X00\ "),  # no control character comes in by a side door
        (r"\XZZ\ ", r"\XZZ\ "),
        (r"\Zlocal\ ", r"\Zlocal\ "),
        ("a lone \\ stays", "a lone \\ stays"),
        (r"C:\temp\F", r"C:\temp\F"),
    ],
)
def test_escapes_are_read_and_what_is_none_stays(escaped: str, plain: str) -> None:
    assert unescape(escaped, MARKS) == plain


def test_a_message_without_an_escape_character_is_read_as_it_stands() -> None:
    assert parted("MSH|^~|\rPID|a\\b^c").segments[1].repetitions(1) == [["a\\b", "c"]]


def test_only_a_component_mark_is_no_hl7() -> None:
    with pytest.raises(NotHL7):
        read_delimiters(b"MSH|^|PAS")


@pytest.mark.parametrize(
    "start", [b"", b"PID|1", b"MSH", b"MSHA^~\\&", b"MSH|||", b"MSH|^^\\&|", b"MSH\xe9^~\\&\xe9", b'MSH"^~\\&"']
)
def test_what_does_not_begin_with_msh_and_its_marks_is_no_hl7(start: bytes) -> None:
    with pytest.raises(NotHL7):
        read_header(start)


def test_a_line_break_within_a_field_belongs_to_the_field_and_is_told() -> None:
    said = hear(message("ADT^A31", pid({5: "FERRANTE^ROSA\nMARIA"})))
    assert said.statement.subject.given_names == ("ROSA", "MARIA")
    assert said.warned == ["line-break"]


# An oracle: the `hl7` library reads the same.

words = st.text(alphabet=string.ascii_letters + string.digits + " .-'&é", max_size=8)
fields = st.lists(st.lists(words, min_size=1, max_size=4).map("^".join), min_size=1, max_size=3).map("~".join)


def other_components(field: hl7.Field) -> list[list[str]]:
    """The components of each repetition as the library nests them: text stands by itself where nothing parts it."""
    return [[one] if isinstance(one, str) else [str(component) for component in one] for one in field]


@given(st.lists(st.lists(fields, min_size=1, max_size=12), min_size=1, max_size=6))
def test_fields_repetitions_and_components_agree_with_another_reader(rows: list[list[str]]) -> None:
    text = "\r".join(["MSH|^~\\&|PAS", *("|".join([f"ZZ{at}", *row, "end"]) for at, row in enumerate(rows))])
    theirs, ours = hl7.parse(text), parted(text)
    assert [segment.name for segment in ours.segments] == [str(segment[0]) for segment in theirs]
    for segment, row, other in zip(ours.segments[1:], rows, list(theirs)[1:], strict=True):
        for at in range(1, len(row) + 1):
            assert segment.raw(at) == str(other[at])
            assert segment.repetitions(at) == [one for one in other_components(other[at]) if one != [""]]


@given(st.text(alphabet="abc\\&^|~ .", max_size=20))
def test_unescaping_agrees_with_another_reader(plain: str) -> None:
    container = hl7.parse("MSH|^~\\&|PAS\rZZ1|x")
    assert unescape(container.escape(plain), MARKS) == plain


# Files of many messages


def test_a_file_holds_many_messages_and_lines_count_them() -> None:
    assert [said.line for said in hear(FIRST + SECOND + FIRST).statements] == [1, 2, 3]


def test_mllp_frames_in_a_file_are_taken_off() -> None:
    framed = "".join(f"\x0b{one}\x1c\r" for one in (FIRST, SECOND))
    assert local_ids(framed) == ["H1001", "H1002"]


def test_a_byte_order_mark_is_taken_off() -> None:
    assert local_ids(b"\xef\xbb\xbf" + FIRST.encode()) == ["H1001"]


def test_a_batch_envelope_is_taken_off() -> None:
    batch = f"FHS|^~\\&|PAS\rBHS|^~\\&|PAS\r{FIRST}{SECOND}BTS|2\rFTS|1\r"
    assert local_ids(batch) == ["H1001", "H1002"]


def test_each_batch_of_a_file_is_counted_by_itself() -> None:
    batches = f"BHS|^~\\&|PAS\r{FIRST}{SECOND}BTS|2\rBHS|^~\\&|PAS\r{FIRST}BTS|1\r"
    assert local_ids(f"FHS|^~\\&|PAS\r{batches}FTS|2\r") == ["H1001", "H1002", "H1001"]


@pytest.mark.parametrize(
    "file",
    [
        "FHS|^~\\&|PAS\rBHS|^~\\&|PAS\r{0}BTS|1\r",
        "BHS|^~\\&|PAS\r{0}",
        "FHS|^~\\&|PAS\r{0}",
    ],
)
def test_a_batch_without_its_end_is_refused_whole(file: str) -> None:
    with pytest.raises(UnreadableMessage) as refused:
        hear(file.format(FIRST))
    assert refused.value.finding.rule == "truncated"


@pytest.mark.parametrize(
    "file", ["BHS|^~\\&|PAS\r{0}{0}BTS|3\r", "FHS#^~\\&#PAS\rBHS#^~\\&#PAS\r{0}BTS#1\rFTS#2\r", "{0}BTS|7\r"]
)
def test_a_batch_that_counts_otherwise_is_refused_whole(file: str) -> None:
    with pytest.raises(UnreadableMessage) as refused:
        hear(file.format(FIRST))
    assert refused.value.finding.rule == "batch-count"


def test_a_batch_need_not_count() -> None:
    assert local_ids(f"BHS|^~\\&|PAS\r{FIRST}BTS") == ["H1001"]
    assert local_ids(f"BHS|^~\\&|PAS\r{FIRST}BTS|one") == ["H1001"]


def test_messages_are_found_wherever_a_chunk_ends() -> None:
    class Trickle(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            return super().read(7)

    padded = FIRST + "ZZZ|" + "x" * 70_000 + "\r"
    found = list(units(Trickle((padded + SECOND + FIRST).encode())))
    assert [unit.content for unit in found] == [one.strip("\r").encode() for one in (padded, SECOND, FIRST)]


def test_a_single_message_without_an_end_is_read_and_told() -> None:
    said = hear(SECOND.rstrip("\r"))
    assert (local_ids(SECOND.rstrip("\r")), said.warned) == (["H1002"], ["truncated"])


def test_a_file_that_ends_within_a_message_files_all_but_that_one() -> None:
    """A result of 131 that was cut to 13 must not be read."""
    said = hear(FIRST + SECOND.rstrip("\r"))
    assert (local_ids(FIRST + SECOND.rstrip("\r")), said.refused, said.warned) == (["H1001"], ["truncated"], [])


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty"),
        (b" \r\n \x0b", "empty"),
        (b"<ADT_A01/>", "not-hl7"),
        (b'{"resourceType": "Bundle"}', "not-hl7"),
        (b"NHS Number,Name\r\n", "not-hl7"),
        (FIRST.encode("utf-16"), "character-set"),
        (FIRST.encode("utf-16-le"), "character-set"),
        (FIRST.encode("utf-16-be"), "character-set"),
    ],
)
def test_what_is_no_hl7_is_refused_whole_with_what_to_do(content: bytes, rule: str) -> None:
    with pytest.raises(UnreadableMessage) as refused:
        hear(content)
    assert refused.value.finding.rule == rule
    assert "send" in refused.value.finding.text


def test_an_overlong_message_is_refused_and_those_around_it_are_read() -> None:
    overlong = message("ADT^A31", pid(), "ZZZ|" + "x" * 200_000)
    stream = io.BytesIO((FIRST + overlong + SECOND).encode())
    said = list(AcuteHL7v2(longest=100_000).read(stream, TRUST))
    assert [getattr(one, "rule", one.line) for one in said] == [1, "unreadable", 3]  # type: ignore[union-attr]


# Character sets


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("", "utf-8"),
        ("UNICODE", "utf-8"),
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1", "latin-1"),
        ("8859/15", "iso8859-15"),
        ("WINDOWS-1252", "cp1252"),
    ],
)
def test_a_declared_character_set_is_read(declared: str, encoding: str) -> None:
    text = message("ADT^A31", pid({5: "BRONTË^ZOË"}), header={18: declared})
    assert hear(text.encode(encoding)).statement.subject.family_name == "BRONTË"


def test_the_quotation_marks_of_a_word_processor_are_read_where_8859_1_is_declared() -> None:
    text = message("ADT^A31", pid({5: "O’NEILL^ANN"}), header={18: "8859/1"})
    assert hear(text.encode("cp1252")).statement.subject.family_name == "O’NEILL"


@pytest.mark.parametrize("declared", ["", "UNICODE UTF-8", "ISO IR87"])
def test_another_character_set_than_the_declared_one_is_never_guessed(declared: str) -> None:
    text = message("ADT^A31", pid({5: "BRONTË^ZOË"}), header={18: declared})
    said = hear(text.encode("cp1252"))
    assert (said.statements, said.refused) == ([], ["unreadable"])
    assert "MSH-18" in said.findings[0].text


def test_a_message_in_ascii_is_read_whatever_it_declares() -> None:
    assert local_ids(message("ADT^A31", pid(), header={18: "ISO IR87"})) == ["H1001"]


def test_a_nul_is_refused() -> None:
    assert hear(FIRST.replace("PAS", "P\0S")).refused == ["unreadable"]


def test_one_unreadable_message_does_not_keep_others_from_being_read() -> None:
    said = hear(FIRST + "MSH|^^\\&|\rPID|1\r" + SECOND)
    assert ([one.line for one in said.statements], said.findings[0].line) == ([1, 3], 2)


# Types


@pytest.mark.parametrize("trigger", ["A09", "A10", "A15", "A24", "A38", "A52", "A53"])
def test_other_triggers_of_the_uk_list_are_told_and_not_read(trigger: str) -> None:
    said = hear(message(f"ADT^{trigger}", pid(), pv1()))
    assert (said.statements, said.warned) == ([], ["unsupported-trigger"])
    assert f"ADT^{trigger}" in said.findings[0].text


@pytest.mark.parametrize("type_", ["", "ORM^O01", "ferrante^rosa", "ADT"])
def test_other_messages_are_told_and_nothing_unforeseen_of_them_is_repeated(type_: str) -> None:
    said = hear(message(type_, pid()))
    assert (said.statements, said.warned) == ([], ["unsupported-trigger"])
    assert "ferrante" not in said.findings[0].text


def test_an_older_sender_names_the_trigger_in_evn_1() -> None:
    assert hear(message("ADT", pid(), event={1: "A31"})).statement.subject.local_id == "H1001"


@pytest.mark.parametrize("version", ["2.3", "2.4", "2.5.1", "9"])
def test_the_version_is_not_looked_at(version: str) -> None:
    assert local_ids(message("ADT^A31", pid(), header={12: version})) == ["H1001"]


# Times


@pytest.mark.parametrize(
    ("text", "instant", "fhir"),
    [
        ("2026", "2026-01-01T00:00:00+00:00", "2026"),
        ("202607", "2026-06-30T23:00:00+00:00", "2026-07"),
        ("20260701", "2026-06-30T23:00:00+00:00", "2026-07-01"),
        ("202607011430", "2026-07-01T13:30:00+00:00", "2026-07-01T14:30:00+01:00"),
        ("2026010114", "2026-01-01T14:00:00+00:00", "2026-01-01T14:00:00+00:00"),
        ("20260101143015.1234", "2026-01-01T14:30:15+00:00", "2026-01-01T14:30:15+00:00"),
        ("20260701143000+0200", "2026-07-01T12:30:00+00:00", "2026-07-01T13:30:00+01:00"),
        ("20260101000000-0130", "2026-01-01T01:30:00+00:00", "2026-01-01T01:30:00+00:00"),
        ("202603290130", "2026-03-29T01:30:00+00:00", "2026-03-29T02:30:00+01:00"),  # the clocks skipped it
        ("202610250130", "2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+01:00"),  # the first of the two
    ],
)
def test_a_time_is_as_precise_as_it_was_written_and_local_to_london(text: str, instant: str, fhir: str) -> None:
    moment = read_moment(text)
    assert (moment.instant.isoformat(), moment.fhir) == (instant, fhir)


@pytest.mark.parametrize(
    "text",
    [
        "196513121515",
        "20260230",
        "20261",
        "26-01-01",
        "202601012",
        "2026010125",
        "17991231",
        "22000101",
        "00000101",
        "20260101+2500",
        "２０２６",
        "20260101 1200",
    ],
)
def test_a_time_that_makes_no_sense_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as wrong:
        read_moment(text)
    assert text not in str(wrong.value)


def test_a_date_needs_its_day() -> None:
    assert read_date("196503121515").isoformat() == "1965-03-12"
    with pytest.raises(ValueError, match="lacks its day"):
        read_date("1965")
