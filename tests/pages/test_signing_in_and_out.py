"""Signing in, being signed out, and signing in again: out is out, and nothing that was typed is lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, TimeoutError, expect
from sqlalchemy import Engine, text

from app.database.transactions import transaction
from tests.pages.conftest import PASSWORD, PHONE, Visitor, faults, is_sound_at_both_sizes

FATHER = "999 000 0018"


def test_signing_in_stands_in_nobodys_way(visiting: Callable[..., Visitor], axe: str) -> None:
    chair = visiting("chair")
    page = chair.page
    page.context.clear_cookies()
    chair.go("/sign-in")
    is_sound_at_both_sizes(page, axe)
    chair.press("button", "Sign in")
    page.get_by_role("alert").get_by_role("link", name="Enter your password").click()
    expect(page.get_by_label("Password")).to_be_focused()
    is_sound_at_both_sizes(page, axe)
    chair.write("Name that you sign in with", "chair")
    chair.write("Password", "wrong")
    chair.press("button", "Sign in")
    expect(page).to_have_title(re.compile("^Error: "))
    is_sound_at_both_sizes(page, axe)
    chair.go("/sign-in/password")
    is_sound_at_both_sizes(page, axe)
    chair.go("/sign-in")
    chair.write("Name that you sign in with", "chair")
    chair.write("Password", PASSWORD)
    chair.press("button", "Sign in")
    expect(page.get_by_role("radio")).not_to_have_count(0)
    is_sound_at_both_sizes(page, axe)
    chair.wrong.clear()  # the browser tells of the answer to the wrong password


def test_whoever_signed_out_is_shown_nothing_by_going_back(visiting: Callable[..., Visitor], axe: str) -> None:
    nurse = visiting("nurse")
    nurse.sign_in("nurse")  # with a session of their own, as others let theirs go by
    page = nurse.opens(FATHER)
    expect(page.get_by_role("region", name="Who this is")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert faults(page, axe) == []

    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Walter" not in page.content()


def test_a_page_asked_for_before_signing_in_is_gone_on_to(visiting: Callable[..., Visitor]) -> None:
    visitor = visiting("nurse")
    visitor.page.context.clear_cookies()
    page = visitor.go("/agreements")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.fill_in_sign_in("nurse")

    expect(page.get_by_role("heading", name="Information sharing agreements")).to_be_visible()
    expect(page.get_by_role("link", name="Change role")).to_have_count(0)  # they have one


def let_go_by(place: Engine, minutes: float) -> None:
    """As if nobody had used any session for so long."""
    with transaction(place) as connection:
        connection.execute(
            text("UPDATE session SET seen = now() - :minutes * interval '1 minute'"), {"minutes": minutes}
        )


def time_goes_by(page: Page) -> None:
    """Until the page has asked how long is left: it may not have begun to wait when time begins to go by."""
    for _ in range(10):
        try:
            with page.expect_request("**/session/remaining", timeout=2000) as asked:
                page.clock.fast_forward("14:00")
        except TimeoutError:
            continue
        asked.value.response()  # however long a busy service takes
        return


def doubting(visitor: Visitor, *, said: str) -> Page:
    page = visitor.opens(FATHER)
    page.get_by_role("link", name="Something is wrong").click()
    page.get_by_label("It is not about this person").check()
    page.get_by_label("What makes you doubt it?").fill(said)
    return page


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_what_was_typed_in_a_session_that_ended_is_there_again(
    visiting: Callable[..., Visitor], place: Engine, axe: str, javascript: bool
) -> None:
    said = 'He says: "this is my brother\'s" <and> means it'
    nurse = visiting("nurse", javascript=javascript)
    nurse.sign_in("nurse")
    page = doubting(nurse, said=said)
    let_go_by(place, 60)
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "brother" not in page.content()
    assert "brother" not in page.url
    nurse.fill_in_sign_in("nurse")

    expect(page.get_by_role("status")).to_contain_text("What you typed is all here")
    expect(page.get_by_role("region", name="Who this is")).to_contain_text("Walter Tranter")
    expect(page.get_by_label("What makes you doubt it?")).to_have_value(said)
    expect(page.get_by_label("It is not about this person")).to_be_checked()
    if javascript:
        assert faults(page, axe) == []
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("region", name="What you reported as wrong")).to_contain_text("Not this person")


def test_what_somebody_typed_is_shown_to_nobody_who_signs_in_after_them(
    visiting: Callable[..., Visitor], place: Engine
) -> None:
    nurse = visiting("nurse")
    nurse.sign_in("nurse")
    page = doubting(nurse, said="He says that this is his brother's")
    let_go_by(place, 60)
    page.get_by_role("button", name="Report it").click()
    nurse.fill_in_sign_in("social-worker")

    expect(page.get_by_role("heading", name="Nothing to show")).to_be_visible()
    assert "brother" not in page.content()
    nurse.wrong.clear()  # the browser tells of the answer


def test_whoever_is_about_to_be_signed_out_is_warned_and_may_stay(
    visiting: Callable[..., Visitor], place: Engine, axe: str
) -> None:
    worker = visiting("social-worker", size=PHONE)
    page = worker.page
    page.clock.install()
    worker.go("/agreements")
    warning = page.get_by_role("dialog", name="You will soon be signed out")
    expect(warning).to_have_count(0)
    let_go_by(place, 13.5)
    time_goes_by(page)
    expect(warning).to_contain_text("In 2 minutes you are signed out")
    assert faults(page, axe) == []
    page.keyboard.press("Enter")  # the one button has the focus
    expect(warning).to_have_count(0)
    with place.connect() as connection:
        used = "SELECT max(seen) > now() - interval '1 minute' FROM session WHERE subject = 'social-worker'"
        assert connection.execute(text(used)).scalar_one()

    let_go_by(place, 5)  # as if another page of the same browser had been used in between
    time_goes_by(page)
    expect(warning).to_have_count(0)
    let_go_by(place, 60)
    time_goes_by(page)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url.endswith("/sign-in?then=%2Fagreements")


def test_whoever_is_typing_when_the_session_ends_keeps_the_page(
    visiting: Callable[..., Visitor], place: Engine
) -> None:
    nurse = visiting("nurse")
    nurse.sign_in("nurse")
    nurse.page.clock.install()
    page = doubting(nurse, said="He says that this is his brother's")
    let_go_by(place, 60)
    time_goes_by(page)
    told = page.get_by_role("dialog", name="You are signed out")
    expect(told).to_contain_text("What you typed is still here")
    page.get_by_role("button", name="Back to what I typed").click()
    expect(page.get_by_label("What makes you doubt it?")).to_have_value("He says that this is his brother's")
