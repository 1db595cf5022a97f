"""A form is found again as it was typed."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.frame.filled_in.refilled import refilled
from app.web.frame.layout import environment

PAGE = """<!DOCTYPE html>
<html><body><main id="maincontent"><p>Tom &amp; Ann</p>
<form method="post" action="/sign-out"><input type="hidden" name="csrf" value="new"><button>Sign out</button></form>
<form method="post"><input type="hidden" name="csrf" value="new"><input type="hidden" name="version" value="7">
<input name="to" value=""><textarea name="said" rows="3">as it was</textarea>
<input type="radio" name="kind" value="a" checked><input type="radio" name="kind" value="b">
<input type="checkbox" name="segments" value="x"><input type="checkbox" name="segments" value="y">
<select name="who"><option value="">–</option><option value="RL4">Hospitals</option></select>
<button formaction="/things/1/accept">Accept</button></form>
<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>
</main></body></html>"""


def test_what_was_typed_chosen_and_ticked_stands_there_again() -> None:
    fields = [("to", 'a "quoted" name'), ("said", "<b>first\nsecond</b>"), ("kind", "b"), ("segments", "y"),
              ("who", "RL4"), ("version", "6"), ("unknown", "x")]  # fmt: skip
    told = refilled(PAGE, "/things/1?purpose=mdt", "/things/1/accept", fields) or ""

    assert 'value="a &quot;quoted&quot; name"' in told
    assert "&lt;b&gt;first\nsecond&lt;/b&gt;</textarea>" in told
    assert "as it was" not in told
    assert '<input type="radio" name="kind" value="a">' in told
    assert '<input type="radio" name="kind" value="b" checked>' in told
    assert '<input type="checkbox" name="segments" value="y" checked>' in told
    assert '<option value="RL4" selected>' in told
    assert 'name="version" value="7"' in told  # what the page says now, so that nothing is written over unseen
    assert '<form method="post" action="/things/1?purpose=mdt">' in told
    assert '<form method="post" action="/sign-out"><input type="hidden" name="csrf" value="new">' in told


def test_all_else_of_the_page_is_as_it_was() -> None:
    assert refilled(PAGE, "/sign-out", "/sign-out", []) == PAGE.replace(
        '<form method="post">', '<form method="post" action="/sign-out">'
    )


@pytest.mark.parametrize("action", ["/things/2/accept", "/", "/things/1"])
def test_a_page_without_that_form_is_none(action: str) -> None:
    assert refilled(PAGE, "/elsewhere", action, [("said", "x")]) is None


class _Values(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags, self.texts = list[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.texts += [value for name, value in attrs if (tag, name) == ("input", "value") and value]


@given(st.text(min_size=1))
def test_nothing_typed_becomes_part_of_the_page(typed: str) -> None:
    before, after = _Values(), _Values()
    before.feed(PAGE)
    after.feed(refilled(PAGE, "/things/1", "/things/1/accept", [("to", typed), ("said", typed)]) or "")

    assert after.tags == before.tags
    assert typed in after.texts


def test_the_notice_stands_where_pages_begin() -> None:
    layout = environment().loader.get_source(environment(), "layout.html")[0]  # type: ignore[union-attr]
    assert 'id="maincontent">' in layout
