"""What tells whom a text is about: each kind, and what is let stand."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mdt.workflow.rules.identifying import Identity, Kind, identity_of, telltales

RECORD: list[dict[str, Any]] = [
    {
        "resourceType": "Patient",
        "name": [{"family": "Tranter-Ashe", "given": ["Wálter", "May"]}],
        "identifier": [{"value": "00000018"}],
        "address": [{"line": ["Flat 3, 12a Penn Road", "Wulfrun"], "postalCode": "WV98 1AA"}],
    },
    {"resourceType": "RelatedPerson", "name": [{"text": "Gareth Tranter-Ashe"}]},
]
WHO = identity_of(RECORD)


def told(text: str, identity: Identity = WHO) -> list[tuple[str, str]]:
    return [(text[one.begins : one.ends], one.kind.name) for one in telltales(text, identity)]


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("Then Walter's son came", "Walter", "NAME"),
        ("then walter fell", "walter", "NAME"),
        ("Old WÁLTER fell", "WÁLTER", "NAME"),
        ("Old Wa\u0301lter fell", "Wa\u0301lter", "NAME"),
        ("Mrs Ashe helped", "Ashe", "NAME"),
        ("his son Gareth", "Gareth", "NAME"),
        ("We met May at home", "May", "NAME"),
        ("number 999 000 0018 was", "999 000 0018", "NHS_NUMBER"),
        ("number 9990000018", "9990000018", "NHS_NUMBER"),
        ("patient 0000-0018 here", "0000-0018", "NUMBER"),
        ("born 12/03/1941", "12/03/1941", "DAY"),
        ("born 1941-03-12", "1941-03-12", "DAY"),
        ("on 12th of March 1941", "12th of March", "DAY"),
        ("on March 12, 1941", "March 12", "DAY"),
        ("lives in wv98 1aa now", "wv98 1aa", "POSTCODE"),
        ("the house in Penn  Road fell", "Penn  Road", "ADDRESS"),
        ("call 01632 960300 first", "01632 960300", "CONTACT"),
        ("write to a.b@example.org soon", "a.b@example.org", "CONTACT"),
    ],
)
def test_what_tells_who_it_is_is_pointed_at(text: str, words: str, kind: str) -> None:
    assert told(text) == [(words, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "An older man may go home in March 2025; he is 84, and fell 3 times in 12 months.",
        "From 21 visits to 4, and 2 of 10 actions late, 14 hours a week",
        "In the spring they walked the road to the shop, in Wulfrun",
    ],
)
def test_what_tells_nobody_is_let_stand(text: str) -> None:
    assert told(text) == []


def test_without_a_record_numbers_days_and_postcodes_are_pointed_at_all_the_same() -> None:
    assert [kind for _, kind in told("Walter, 9990000018, WV98 1AA, 1 May", Identity())] == [
        Kind.NHS_NUMBER.name, Kind.POSTCODE.name, Kind.DAY.name,
    ]  # fmt: skip


def test_what_somebody_is_called_is_in_no_repr() -> None:
    assert "alter" not in repr(WHO)


WORDS = st.text("abcdefg hij,.;\n", max_size=40)


@given(WORDS, WORDS, st.sampled_from(["Walter", "TRANTER", "9990000018", "penn road", "WV98 1AA", "12/03/1941"]))
def test_wherever_it_stands_it_is_found_and_nothing_overlaps(before: str, after: str, tell: str) -> None:
    text = f"{before} {tell} {after}"
    found = telltales(text, WHO)

    assert any(tell in text[one.begins : one.ends] for one in found)
    assert all(one.ends <= other.begins for one, other in pairwise(found))
