"""A part of a plan in words, as pages and paper both tell it. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.care_plan.plan import AboutMe, Contingency, Support, Wishes

TITLES: Final = {
    "about_me": "About me",
    "support": "Needs, goals and actions",
    "contingency": "If things get worse",
    "wishes": "Where my wishes are kept",
}
"""What each part is called, in the order in which a plan is read."""

AGREED: Final = {
    "agreed": "The person agrees",
    "agreed-by-representative": "Their representative agrees",
    "best-interests": "Made in their best interests",
    "not-yet": "Not agreed yet",
    "disagrees": "The person disagrees",
}
KINDS: Final = {
    "respect": "ReSPECT form",
    "dnacpr": "DNACPR decision",
    "advance-care-plan": "Advance care plan",
    "refusal-of-treatment": "Advance decision to refuse treatment",
    "health-and-welfare-attorney": "Lasting power of attorney for health and welfare",
}

Fact = tuple[str, str]
PartnerOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list, with what is told of it."""

    text: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class PartInWords:
    """A part: facts, then lists under titles of their own; what says nothing is left out."""

    title: str
    facts: tuple[Fact, ...] = ()
    lists: tuple[tuple[str, tuple[Line, ...]], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        return not self.facts and not self.lists


def in_words(part: str, content: Any, partner: PartnerOf, day: Callable[[date], str]) -> PartInWords:
    """A part in words; `partner` names organisations, and `day` words dates."""
    match content:
        case AboutMe():
            return PartInWords(TITLES[part], _facts(
                ("What matters to me", content.what_matters),
                ("How to support me well", content.how_to_support),
                ("Said by", content.said_by),
            ))  # fmt: skip
        case Support():
            return _support(TITLES[part], content, partner, day)
        case Contingency():
            steps = tuple(Line(one.sign, _facts(("Do", one.do), ("Call", one.call))) for one in content.steps)
            return PartInWords(TITLES[part], lists=(("What to look for", steps),))
        case Wishes():
            kept = tuple(
                Line(KINDS[one.kind], _facts(
                    ("Kept", one.kept_at),
                    ("Held by", one.held_by and partner(one.held_by)),
                    ("Dated", day(one.dated) if one.dated else None),
                ))
                for one in content.documents
            )  # fmt: skip
            return PartInWords(TITLES[part], lists=(("Documents", kept),) if kept else ())
    raise AssertionError("a plan has no other part")


def _support(title: str, plan: Support, partner: PartnerOf, day: Callable[[date], str]) -> PartInWords:
    needs = {one.id: one.says for one in plan.needs}
    goals = {one.id: one.says for one in plan.goals}
    lists = (
        ("Needs", tuple(Line(one.says) for one in plan.needs)),
        ("Goals", tuple(
            Line(one.says, _facts(
                ("Because of", "; ".join(needs[name] for name in one.needs)),
                ("Reached when", one.test),
                ("By", day(one.by) if one.by else None),
                ("State", _plain(one.status)),
            ))
            for one in plan.goals
        )),
        ("Actions", tuple(
            Line(one.says, _facts(
                ("Towards", "; ".join(goals[name] for name in one.goals)),
                ("Owner", f"{one.owner}, {partner(one.organisation)}"),
                ("Due", day(one.due) if one.due else None),
                ("State", _plain(one.status)),
            ))
            for one in plan.actions
        )),
    )  # fmt: skip
    facts = _facts(
        ("Summary", plan.summary),
        ("Coordinated by", plan.coordinator),
        ("Reviewed by", day(plan.review_by) if plan.review_by else None),
        ("Agreement", AGREED[plan.agreed]),
    )
    return PartInWords(title, facts, tuple((name, lines) for name, lines in lists if lines))


def _plain(code: str) -> str:
    return code.replace("-", " ")


def _facts(*facts: tuple[str, str | None]) -> tuple[Fact, ...]:
    return tuple((name, text) for name, text in facts if text)


def changed(now: PartInWords, before: PartInWords) -> Iterable[str]:
    """What one version says otherwise than the one before: the names of facts and lists."""
    for name in dict.fromkeys(name for name, _ in (*now.facts, *now.lists, *before.facts, *before.lists)):
        if dict((*now.facts, *now.lists)).get(name) != dict((*before.facts, *before.lists)).get(name):
            yield name
