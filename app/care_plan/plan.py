"""What a plan says, after the PRSB Personalised Care and Support Plan standard: in parts, each under its own heading.

What is read under one heading need not be read under another: the parts are entries apart, with labels of their own.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Organisation = Annotated[str, AfterValidator(OdsCode)]
Ids = Annotated[tuple[Id, ...], Field(max_length=20)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AboutMe(_Part):
    """The person's own words, or those of whoever speaks for them."""

    what_matters: Text
    how_to_support: Text | None = None
    said_by: Short | None = None  # where it is not the person


class Need(_Part):
    """What the person needs help with."""

    id: Id
    says: Text


class Goal(_Part):
    """What the person wants, and how anyone could tell that it was reached."""

    id: Id
    says: Text
    needs: Ids = ()
    test: Text | None = None
    by: date | None = None
    status: Literal["proposed", "active", "on-hold", "achieved", "not-achieved", "cancelled"] = "active"


class Action(_Part):
    """What somebody does towards goals; `mdt_action` is the action of a meeting that it is, if it is one."""

    id: Id
    says: Text
    goals: Ids = ()
    owner: Short
    organisation: Organisation
    due: date | None = None
    status: Literal["not-started", "in-progress", "completed", "stopped", "cancelled"] = "not-started"
    mdt_action: UUID | None = None


class Support(_Part):
    """Needs, goals and actions, who co-ordinates them, and what the person said to it."""

    summary: Text | None = None
    needs: Annotated[tuple[Need, ...], Field(max_length=100)] = ()
    goals: Annotated[tuple[Goal, ...], Field(max_length=100)] = ()
    actions: Annotated[tuple[Action, ...], Field(max_length=200)] = ()
    coordinator: Short | None = None
    review_by: date | None = None
    agreed: Literal["agreed", "agreed-by-representative", "best-interests", "not-yet", "disagrees"] = "not-yet"

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        ids = [need.id for need in self.needs] + [goal.id for goal in self.goals] + [one.id for one in self.actions]
        if twice := [name for name, times in Counter(ids).items() if times > 1]:
            raise ValueError(f"the id `{twice[0]}` stands twice; give each need, goal and action its own")
        _known("need", {need.id for need in self.needs}, (name for goal in self.goals for name in goal.needs))
        _known("goal", {goal.id for goal in self.goals}, (name for one in self.actions for name in one.goals))
        return self


def _known(what: str, known: set[str], named: Iterable[str]) -> None:
    if unknown := sorted(set(named) - known):
        raise ValueError(f"`{unknown[0]}` is no {what} of this plan")


class IfThen(_Part):
    """What to look for, what to do then, and whom to call."""

    sign: Text
    do: Text
    call: Short | None = None


class Contingency(_Part):
    """What to do if things get worse."""

    steps: Annotated[tuple[IfThen, ...], Field(min_length=1, max_length=50)]


class Wish(_Part):
    """That a document of the person's wishes exists, and where it is kept: never what it says."""

    kind: Literal["respect", "dnacpr", "advance-care-plan", "refusal-of-treatment", "health-and-welfare-attorney"]
    kept_at: Short
    held_by: Organisation | None = None
    dated: date | None = None


class Wishes(_Part):
    """Such documents, all of them: one that is not named any more is known no more."""

    documents: Annotated[tuple[Wish, ...], Field(max_length=20)] = ()


class Parts(_Part):
    """A plan, or a change of one; a part that is `None` is not shown, or stays as it is."""

    about_me: AboutMe | None = None
    support: Support | None = None
    contingency: Contingency | None = None
    wishes: Wishes | None = None


HEADINGS: dict[str, Category] = {
    "support": Category("care-plans"),
    "about_me": Category("about-me"),
    "contingency": Category("contingency"),
    "wishes": Category("end-of-life"),
}
"""Under which heading each part stands. `support` carries the version of the whole, so every change writes it."""
