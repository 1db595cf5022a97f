"""How somebody works a page: with a mouse at a desk, by keyboard alone, or with a finger on a telephone.

A story is told once and taken by each of them.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from playwright.sync_api import Locator, ViewportSize, expect

DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=375, height=740)
_FARTHEST: Final = 200  # presses of Tab: more is no way

_IS_BEFORE: Final = """(one) => Boolean(
    document.activeElement.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING)"""
_STOPS_BETWEEN: Final = """(one, back) => {
    const here = document.activeElement;
    if (here === document.body) return 0;  // where Tab begins is the browser's to say
    const group = one.type === "radio"
        ? [...document.getElementsByName(one.name)].filter((each) => each.form === one.form) : [one];
    const [from, to] = back ? [group.at(-1), here] : [here, group[0]];
    const follows = (each, other) => other.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING;
    return [...document.querySelectorAll(`a[href], summary, button:enabled, select:enabled, textarea:enabled,
        input:enabled:not([type=radio], [type=hidden])`)].filter((each) => each.tabIndex >= 0
        && follows(each, from) && follows(to, each) && !each.closest("[inert]")
        && each.checkVisibility({visibilityProperty: true})).length;
}"""  # at least so many presses lie between: where the focus is need not be asked after each of them
_IS_FOCUSED: Final = """(one) => one === document.activeElement
    || (one.type === "radio" && document.activeElement.type === "radio" && document.activeElement.name === one.name
        && document.activeElement.form === one.form)"""
_IS_SEEN: Final = """() => {
    const one = document.activeElement, box = one.getClientRects()[0];
    const at = document.elementFromPoint(box.x + Math.min(box.width / 2, 20), box.y + Math.min(box.height / 2, 20));
    const labels = [...(one.labels ?? [])];
    return Boolean(at && (one.contains(at) || at.contains(one) || labels.some((each) => each.contains(at))));
}"""  # WCAG 2.2, 2.4.11: whatever stays at the top of the page must not lie over what has the focus

_LEADS_WITHIN: Final = "(one) => Boolean(one.getAttribute('href')?.startsWith('#'))"
_DRAWN: Final = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Hands(Protocol):
    """What anybody does to the controls of a page."""

    def press(self, control: Locator) -> None:
        """A link, a button, or what opens a part of the page."""

    def write(self, field: Locator, text: str) -> None:
        """Instead of whatever stands in the field."""

    def choose(self, field: Locator, option: str) -> None:
        """One of a list."""

    def tick(self, box: Locator) -> None:
        """A box, or one of several of which one is chosen."""


class Mouse:
    def press(self, control: Locator) -> None:
        control.click()

    def write(self, field: Locator, text: str) -> None:
        field.click()
        field.fill(text)

    def choose(self, field: Locator, option: str) -> None:
        field.select_option(label=option)

    def tick(self, box: Locator) -> None:
        box.check()


class Finger(Mouse):
    def press(self, control: Locator) -> None:
        control.tap()

    def write(self, field: Locator, text: str) -> None:
        field.tap()
        field.fill(text)

    def tick(self, box: Locator) -> None:
        box.tap()
        expect(box).to_be_checked()


class Keyboard:
    """Nothing but keys; what they come to must be seen, and not lie under something else."""

    def press(self, control: Locator) -> None:
        _come_to(control)
        leads_within = control.evaluate(_LEADS_WITHIN)
        control.page.keyboard.press("Enter")
        if (
            leads_within
        ):  # with its next picture the browser goes there, and takes the focus from wherever it is by then
            control.page.evaluate(_DRAWN)

    def write(self, field: Locator, text: str) -> None:
        _come_to(field)
        field.page.keyboard.press("ControlOrMeta+a")
        field.page.keyboard.type(text)

    def choose(self, field: Locator, option: str) -> None:
        _come_to(field)
        options = [one.inner_text().strip() for one in field.locator("option").all()]
        field.page.keyboard.press("Home")
        for _ in range(options.index(option)):
            field.page.keyboard.press("ArrowDown")
        expect(field.locator("option:checked")).to_have_text(option)

    def tick(self, box: Locator) -> None:
        _come_to(box)
        if not box.is_checked():
            box.page.keyboard.press("Space")
        for _ in range(20):  # to the others of a group the arrows lead
            if box.is_checked():
                break
            box.page.keyboard.press("ArrowDown")
        expect(box).to_be_checked()


def _come_to(control: Locator) -> None:
    """By Tab alone, or back by Shift and Tab."""
    expect(control).to_be_visible()
    keyboard, pressed = control.page.keyboard, 0
    while pressed < _FARTHEST and not control.evaluate(_IS_FOCUSED):
        back = control.evaluate(_IS_BEFORE)
        further = control.evaluate(_STOPS_BETWEEN, back) + 1
        for _ in range(further):
            keyboard.press("Shift+Tab" if back else "Tab")
        pressed += further
    assert control.evaluate(_IS_FOCUSED), f"no way by keyboard to {control}"
    assert control.page.evaluate(_IS_SEEN), f"something lies over {control}"


@dataclass(frozen=True, slots=True, eq=False)
class How:
    """One way of working: with which hands, on which screen."""

    name: str
    hands: Hands
    size: ViewportSize
    scripts: bool = True

    def __str__(self) -> str:
        return self.name


MOUSE = How("by mouse", Mouse(), DESK)
KEYBOARD = How("by keyboard alone", Keyboard(), DESK)
FINGER = How("on a telephone", Finger(), PHONE)
PLAIN = How("by mouse, without scripts", Mouse(), DESK, scripts=False)
