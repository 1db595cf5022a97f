"""Help for what somebody does, and the words of other professions that a page holds."""

import pytest

from app.vocabulary.glossary import terms, terms_in
from app.web.frame.words.plain_words import explained, topic_of, topics


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


def test_a_word_in_a_heading_of_ours_leads_to_what_it_means_once() -> None:
    html = '<h2 id="a">Primary support reason &amp; more</h2><p>S117</p><h3>S117</h3><h3>S117</h3>'
    told = explained(html, terms_in(html))
    assert '<h3><a class="pisano-word" href="#word-s117" title="What this means">S117</a></h3><h3>S117</h3>' in told
    assert '<h2 id="a"><a class="pisano-word" href="#word-primary-support-reason"' in told
    assert "</a> &amp; more</h2><p>S117</p>" in told


@pytest.mark.parametrize(
    "named",
    ["<dt>{}</dt><dd>x</dd>", "<legend>{}</legend>", "<caption>{}</caption>", '<th scope="row">{}</th><td>x</td>'],
)
def test_a_word_in_the_name_of_a_fact_a_group_or_a_row_leads_to_what_it_means(named: str) -> None:
    link = '<a class="pisano-word" href="#word-s117" title="What this means">S117</a>'
    assert explained(named.format("S117"), terms_in("S117")) == named.format(link)


@pytest.mark.parametrize(
    "html",
    [
        '<h1 class="x pisano-told">S117</h1>',
        '<h2><a href="/x">S117</a></h2>',
        "<p>S117</p>",
        "<label>S117</label>",
        '<th scope="col">S117</th>',
        '<legend class="nhsuk-u-visually-hidden">S117</legend>',
        "<dt>x</dt><dd>S117</dd>",
    ],
)
def test_what_partners_wrote_and_what_leads_elsewhere_stays_as_it_is(html: str) -> None:
    assert explained(html, terms_in(html)) == html


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
