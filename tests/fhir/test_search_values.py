"""How a search compares what is asked for with what a resource holds (FHIR R4, 3.1.1.4)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.fhir.read.kinds import PARAMETERS
from app.fhir.read.matching import Condition, NotUnderstood, split
from app.fhir.read.search import COUNT, MOST, read_search, reference_of
from app.fhir.read.values import EVER, Coded, Span, codes, held, span, spans

CODE, WHEN, NAME = PARAMETERS["Condition"]["code"], PARAMETERS["Condition"]["onset-date"], PARAMETERS["Patient"]["name"]


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # the parts of a date


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026", at(2026, 1, 1), at(2027, 1, 1)),
        ("2026-03", at(2026, 3, 1), at(2026, 3, 31, 23)),  # its end is in summer time
        ("2026-12", at(2026, 12, 1), at(2027, 1, 1)),
        ("2026-07-01", at(2026, 6, 30, 23), at(2026, 7, 1, 23)),
        ("2026-03-01T10:30", at(2026, 3, 1, 10, 30), at(2026, 3, 1, 10, 31)),
        ("2026-03-01T10:30:05", at(2026, 3, 1, 10, 30, 5), at(2026, 3, 1, 10, 30, 6)),
        ("2026-07-01T10:30:05", at(2026, 7, 1, 9, 30, 5), at(2026, 7, 1, 9, 30, 6)),
        ("2026-07-01T10:30:05Z", at(2026, 7, 1, 10, 30, 5), at(2026, 7, 1, 10, 30, 6)),
        ("2026-03-01T10:30:05.5Z", at(2026, 3, 1, 10, 30, 5, 500000), at(2026, 3, 1, 10, 30, 5, 500001)),
    ],
)
def test_a_date_covers_as_much_as_it_states(text: str, low: datetime, high: datetime) -> None:
    assert span(text) == Span(low, high)


@pytest.mark.parametrize("text", ["", "2026-13", "2026-02-30", "26", "yesterday", "2026-3"])
def test_what_is_no_date_covers_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        span(text)
    assert list(spans(text)) == []


def test_a_period_without_an_end_lasts_for_ever() -> None:
    assert list(spans({"start": "2026"})) == [Span(at(2026, 1, 1), EVER.high)]
    assert list(spans({"end": "2026"})) == [Span(EVER.low, at(2027, 1, 1))]
    assert list(spans({"start": "2025", "end": "2026"})) == [Span(at(2025, 1, 1), at(2027, 1, 1))]
    assert list(spans({})) == list(spans(7)) == []


def condition(**when: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", **when}


@pytest.mark.parametrize(
    ("asked", "answers"),
    [  # to what began in February, in March and in April, and to what lasted from March into April
        ("2026-03", (False, True, False, False)),
        ("eq2026-03", (False, True, False, False)),
        ("ne2026-03", (True, False, True, True)),
        ("gt2026-03", (False, False, True, True)),
        ("ge2026-03", (False, True, True, True)),
        ("lt2026-03", (True, False, False, False)),
        ("le2026-03", (True, True, False, False)),
        ("lt2026-04", (True, True, False, True)),
        ("sa2026-03", (False, False, True, False)),
        ("sa2026-02", (False, True, True, True)),
        ("eb2026-03", (True, False, False, False)),
        ("eb2026-04", (True, True, False, False)),
        ("2026-02,2026-04", (True, False, True, False)),
    ],
)
def test_a_search_by_date_takes_each_prefix_of_fhir(asked: str, answers: tuple[bool, ...]) -> None:
    told = [condition(onsetDateTime=f"2026-{month}-10") for month in ("02", "03", "04")]
    told.append(condition(onsetPeriod={"start": "2026-03-10", "end": "2026-04-10"}))
    by = Condition(WHEN, "", split(asked))
    assert tuple(by.holds(one) for one in told) == answers
    assert not Condition(WHEN, "", split("2026-03")).holds(condition())


@pytest.mark.parametrize("asked", ["xx2026", "march", "", "eq", "2026-3"])
def test_a_date_that_makes_no_sense_is_refused_before_anything_is_searched(asked: str) -> None:
    with pytest.raises(NotUnderstood):
        Condition(WHEN, "", (asked,))
    Condition(WHEN, "missing", ("true",))


CODINGS = {"coding": [{"system": "http://snomed.info/sct", "code": "1"}, {"code": "2"}], "text": "x"}


@pytest.mark.parametrize(
    ("asked", "held_"),
    [
        ("1", True),
        ("2", True),
        ("3", False),
        ("http://snomed.info/sct|1", True),
        ("http://snomed.info/sct|2", False),
        ("http://snomed.info/sct|", True),
        ("http://another.example|", False),
        ("http://another.example|1", False),
        ("|2", True),
        ("|1", False),
        ("3,1", True),
    ],
)
def test_a_code_is_searched_for_by_itself_by_its_system_or_by_both(asked: str, held_: bool) -> None:
    told = condition(code=CODINGS)
    assert Condition(CODE, "", split(asked)).holds(told) is held_
    assert Condition(CODE, "not", split(asked)).holds(told) is not held_
    assert Condition(CODE, "not", split(asked)).holds(condition()) is True


def test_what_is_missing_can_be_asked_for_and_what_is_there() -> None:
    there, gone = condition(code=CODINGS), condition()
    assert [Condition(CODE, "missing", ("true",)).holds(one) for one in (there, gone)] == [False, True]
    assert [Condition(CODE, "missing", ("false",)).holds(one) for one in (there, gone)] == [True, False]


@pytest.mark.parametrize(
    ("parameter", "modifier", "values"),
    [(CODE, "text", ("x",)), (WHEN, "not", ("2026",)), (NAME, "exact", ("x",)), (NAME, "missing", ("true",)),
     (CODE, "missing", ("maybe",)), (CODE, "missing", ("true", "false"))],
)  # fmt: skip
def test_a_modifier_that_is_not_understood_is_refused(parameter: Any, modifier: str, values: tuple[str, ...]) -> None:
    with pytest.raises(NotUnderstood):
        Condition(parameter, modifier, values)


def test_values_of_every_shape_are_read_as_codes() -> None:
    assert list(codes(CODINGS)) == [Coded("http://snomed.info/sct", "1"), Coded("", "2")]
    assert list(codes({"system": "s", "value": "7"})) == [Coded("s", "7")]
    assert list(codes({"coding": [{"display": "x"}]})) == []
    assert list(codes("final")) == [Coded(None, "final")]
    assert list(codes(True)) == [Coded(None, "true")]
    assert Condition(PARAMETERS["Condition"]["_id"], "", ("any|7",)).holds({"id": "7"})


def test_lists_are_opened_along_a_path() -> None:
    told = {"reaction": [{"substance": [{"text": "a"}, {"text": "b"}]}, {"substance": {"text": "c"}}, {}, "x"]}
    assert list(held(told, "reaction.substance.text")) == ["a", "b", "c"]
    assert list(held(told, "none.of.it")) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [("Wal", True), ("walter tran", True), ("tranter walter", True), ("alter", False), ("walter smith", False),
     ("van", True), ("der b", True), ("", False), ("smith,wal", True)],
)  # fmt: skip
def test_a_name_is_found_by_how_its_parts_begin_in_whatever_order(asked: str, found: bool) -> None:
    told = {"name": [{"family": "Tranter", "given": ["Walter"]}, {"text": "Van der Berg"}]}
    assert Condition(NAME, "", split(asked)).holds(told) is found


def test_commas_part_alternatives_unless_a_backslash_stands_before_them() -> None:
    assert split("a,b") == ("a", "b")
    assert split(r"a\,b,c\|d,\$,\\") == ("a,b", "c|d", "$", "\\")


# ── What is asked ────────────────────────────────────────────────────────────────────────────────────────────────────

PERSON = UUID(int=7, version=4)


def test_a_search_is_of_one_person_however_they_are_named() -> None:
    for name in ("patient", "subject", "patient:Patient"):
        for value in (str(PERSON), f"Patient/{PERSON}", f"https://x.example/fhir/Patient/{PERSON}"):
            assert read_search("Condition", [(name, value)]).patient == PERSON
    assert reference_of(str(PERSON)) == PERSON
    with pytest.raises(NotUnderstood, match="one person"):
        read_search("Condition", [("patient", str(PERSON)), ("subject", str(UUID(int=8, version=4)))])
    assert read_search("Condition", [("patient", str(PERSON)), ("subject", str(PERSON))]).patient == PERSON


@pytest.mark.parametrize(("asked", "count"), [("1", 1), ("0", 0), ("500", MOST), ("501", MOST), ("99999999", MOST)])
def test_a_page_is_as_long_as_is_asked_and_no_longer_than_the_most(asked: str, count: int) -> None:
    assert read_search("Condition", [("_count", asked)]).count == count
    assert read_search("Condition", []).count == COUNT


@pytest.mark.parametrize("asked", ["x", "-1", "٣", "1.5", "9" * 9])
def test_a_page_of_no_number_is_refused(asked: str) -> None:
    with pytest.raises(NotUnderstood):
        read_search("Condition", [("_count", asked)])


def test_links_repeat_nothing_that_tells_who_somebody_is() -> None:
    asked = [("family", "Tranter"), ("birthdate", "1945-05-14"), ("gender:not", "male"), ("_count", "3")]
    told = read_search("Patient", asked)
    assert told.told == [("_count", "3")]
    assert len(told.used) == 4


def test_more_than_a_search_takes_is_refused() -> None:
    most = [("code", "x")] * 100
    assert len(read_search("Condition", most).conditions) == 100
    with pytest.raises(NotUnderstood):
        read_search("Condition", [*most, ("code", "x")])
    assert read_search("Condition", [("code", "x" * 1996)])
    with pytest.raises(NotUnderstood):
        read_search("Condition", [("code", "x" * 1997)])


def test_what_is_included_sorted_and_counted_is_read() -> None:
    asked = [("_include", "Condition:patient"), ("_include", "Condition:encounter:Encounter"),
             ("_include", "Encounter:part-of"), ("_sort", "-onset-date,code"), ("_total", "accurate"),
             ("nonsense", "x"), ("code", ""), ("_format", "json")]  # fmt: skip
    search = read_search("Condition", asked)
    assert search.include == ["patient", "encounter"]
    assert search.sort == [("onset-date", True), ("code", False)]
    assert search.counted
    assert search.ignored == ["_include", "nonsense"]
    assert not read_search("Condition", [("_total", "none")]).counted
    with pytest.raises(NotUnderstood):
        read_search("Condition", asked, strict=True)
    with pytest.raises(NotUnderstood):
        read_search("Condition", [("_sort", "nonsense")])
    for chain in ("subject.name", "_has:Observation:patient:code"):
        with pytest.raises(NotUnderstood):
            read_search("Condition", [(chain, "x")])
