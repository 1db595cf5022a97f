"""Help for what somebody does, and the words of other professions that a page holds."""

import pytest

from app.web.frame.plain_words import terms, terms_in, topic_of, topics


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("entitled to S117 aftercare", "S117"),
        ("recommended by an occupational therapist", "OT"),
        ("Hazard reported in the home", "HHSRS"),
        ("an assessment notice was sent", "A2 notice, or assessment notice"),
    ],
)
def test_a_word_of_another_profession_is_told_where_it_stands(said: str, word: str) -> None:
    assert [term.word for term in terms_in(f"<p>{said}, today</p>")] == [word]


@pytest.mark.parametrize("html", ["<p>robot, not OT-like</p>", '<p class="OT">it</p>', "<p>MOTs</p>", ""])
def test_what_only_looks_like_a_word_is_none(html: str) -> None:
    assert terms_in(html) == []


def test_each_word_is_found_by_itself_and_told_once() -> None:
    words = [term.word for term in terms()]
    assert len(set(words)) == len(words)
    assert all(term in terms_in(f"<p>{term.word}</p>") for term in terms())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/people/1/entries/2/doubt", "doubts"),
        ("/people/1/who-looked", "answering"),
        ("/people/1/timeline", "reading"),
        ("/meetings/1/wall", "scribe"),
        ("/meetings", "meetings"),
        ("/help", None),
    ],
)
def test_a_page_has_the_help_for_its_own_job(path: str, name: str | None) -> None:
    found = topic_of(path)
    assert (found and found.name) == name
    assert found is None or found is topics()[found.name]
