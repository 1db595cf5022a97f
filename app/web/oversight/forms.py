"""What somebody typed to search the trail, or to ask why: understood, or told what is wrong, field by field. Pure."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from pydantic import StringConstraints

from app.audit.store import Position
from app.governance.oversight.trail_search import Outcome, Search
from app.governance.oversight.why import Question
from app.vocabulary.category import HEADINGS, Category
from app.vocabulary.london import london_midnight
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.web.frame.filled_in.mistakes import Mistakes
from app.web.frame.filled_in.typed import TypedForm, typed_number

Typed = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)]

SPANS: Final = {"1": "That day alone", "7": "The week up to it", "28": "The 4 weeks up to it", "366": "A year up to it"}
_NO_DAY: Final = "A day needs a day, a month and a year, such as 31 3 2026"


class OnADay(TypedForm):
    """A form that asks about a day; all of it is text, so that a mistake costs no typing."""

    user: Typed = ""
    nhs_number: Typed = ""
    purpose: Typed = ""
    day: Typed = ""
    month: Typed = ""
    year: Typed = ""

    def on(self) -> date:
        """The day; raises `ValueError`."""
        return date(int(self.year), int(self.month), int(self.day))


class TrailForm(OnADay):
    """What to look for in the trail; `person` is one whom an alert names, `after` where the last page ended."""

    person: Typed = ""
    organisation: Typed = ""
    outcome: Typed = ""
    days: Typed = "28"
    after: Typed = ""


class WhyForm(OnADay):
    """Why a user could see what stands under a heading."""

    role: Typed = ""
    category: Typed = ""


def sought(form: TrailForm) -> Search | Mistakes:
    """What to look for."""
    number, on = number_of(form.nhs_number) if form.nhs_number else None, _day(form)
    mistakes = _mistakes(on, number)  # as they stand on the form
    if mistakes or isinstance(number, Mistakes) or isinstance(on, Mistakes):
        return mistakes
    until = london_midnight(on + timedelta(days=1))
    days = int(form.days) if form.days in SPANS else 1
    return Search(
        since=london_midnight(on - timedelta(days=days - 1)),
        until=until,
        user=form.user,
        organisation=OdsCode(form.organisation) if form.organisation else None,
        number=number,
        person=_person(form.person) if form.person else None,
        purpose=form.purpose,
        outcome=Outcome(form.outcome) if form.outcome in set(Outcome) else None,
        after=_position(form.after),
    )


def question(form: WhyForm) -> Question | Mistakes:
    """What to make again."""
    number, on = number_of(form.nhs_number), _day(form)
    unnamed = None if form.user else Mistakes(user="Enter the user, as the trail calls them")
    mistakes = _mistakes(unnamed, number, on)
    if form.category not in HEADINGS:
        mistakes["category"] = "Select a heading of the record"
    if mistakes or isinstance(number, Mistakes) or isinstance(on, Mistakes):
        return mistakes
    category = Category(form.category)
    return Question(user=form.user, number=number, on=on, category=category, role=form.role, purpose=form.purpose)


def as_text(position: Position | None) -> str:
    """Where a page ended, for a hidden field."""
    return f"{position.at.isoformat()} {position.chain} {position.sequence}" if position else ""


def _person(text: str) -> UUID:
    """Whoever is meant; what no page of ours sends means nobody."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _position(text: str) -> Position | None:
    try:
        at, chain, sequence = text.split(" ")
        return Position(datetime.fromisoformat(at), int(chain), int(sequence))
    except ValueError:
        return None


def number_of(text: str) -> NHSNumber | Mistakes:
    """Whose record is meant."""
    number = typed_number(text)
    return Mistakes(nhs_number=number) if isinstance(number, str) else number


def _day(form: OnADay) -> date | Mistakes:
    try:
        return form.on()
    except (ValueError, OverflowError):
        return Mistakes(on=_NO_DAY)


def _mistakes(*understood: object) -> Mistakes:
    mistakes = Mistakes()
    for one in understood:
        if isinstance(one, Mistakes):
            mistakes.update(one)
    return mistakes
