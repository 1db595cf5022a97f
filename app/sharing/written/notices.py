"""What viewers are told of what is not shown to them: fixed sentences of the agreement, the same whatever is withheld.

A clause says whether it may be known that something is withheld (`notice`), and never in which words: those stand here,
once, so that no sentence can differ by what is hidden.
"""

import re
from collections.abc import Iterator
from typing import Final

from app.sharing.written.document import Agreement, NoticeTexts
from app.sharing.written.source import Source
from app.vocabulary.category import CATEGORIES
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity

_FILLED_IN: Final = re.compile(r"[{}<>\[\]$%|]")
_WORDS: Final = re.compile(r"[a-z]+")
_WHY: Final = ("objection", "objected", "objects", "dissent", "consent", "refused", "died", "death")


def check_notices(agreement: Agreement, source: Source) -> None:
    """Note each text that would be filled in, or would tell what is withheld, how much, since when, whose or why."""
    texts = agreement.notices
    if texts is None:
        return
    for name in NoticeTexts.model_fields:
        if found := _FILLED_IN.search(getattr(texts, name)):
            source.error(
                ("notices", name),
                f"`{found.group()}` is how texts are filled in, and this one is the same for everybody; take it out",
            )
    if any(character.isnumeric() for character in texts.withheld):
        source.error(("notices", "withheld"), "a number would tell how much is withheld, or since when; say it without")
    for named in _named(texts.withheld, agreement):
        source.error(
            ("notices", "withheld"),
            f"`{named}` would tell what is withheld, whose it is or why; say only that something is not shown",
        )


def _named(text: str, agreement: Agreement) -> Iterator[str]:
    said = f" {' '.join(_WORDS.findall(text.lower()))} "
    for told in dict.fromkeys(_telling(agreement)):
        if f" {' '.join(_WORDS.findall(told.lower()))} " in said:
            yield told


def _telling(agreement: Agreement) -> Iterator[str]:
    for category in CATEGORIES:
        yield from (category, category.heading)
    yield from agreement.category_groups
    yield from Sensitivity
    yield from FlagKind
    for party in agreement.parties:
        yield from (party.id, party.name)
    yield from _WHY
