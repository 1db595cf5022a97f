"""The agreement as the paper that its parties sign: the same source, section by section, as plain text in blocks.

Pure: `paper.py` lays it out. No block holds markup, so that nothing in an agreement can become any.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from app.sharing.compile import version_of
from app.sharing.published import keeping_in_words as keeping
from app.sharing.published import sharing_in_words as sharing
from app.sharing.published.blocks import Block, Paper, Section
from app.sharing.published.phrases import day
from app.sharing.published.words import Words
from app.sharing.written.document import Agreement


def paper(agreement: Agreement) -> Paper:
    """Write an agreement out; every section of the file is in it, in the order in which people read it."""
    version, words = version_of(agreement), Words(agreement)
    sections = (Section(title, tuple(written(words))) for title, written in _SECTIONS.items())
    return Paper(
        title=agreement.title,
        version=f"{version.id} {version.version}",
        sha256=version.sha256,
        effective=f"from {day(agreement.effective.from_)} until {day(agreement.effective.to)}",
        sections=tuple(section for section in sections if section.blocks),
    )


def _withheld(words: Words) -> Iterator[Block]:
    yield from sharing.notices(words)
    yield from words.prohibitions()


_SECTIONS: Final[Mapping[str, Callable[[Words], Iterable[Block]]]] = {
    "Term": sharing.term,
    "Parties": sharing.parties,
    "Purposes and lawful bases": sharing.purposes,
    "What is shared": sharing.headings,
    "Roles": sharing.roles,
    "Relationships": sharing.relationships,
    "Who may see what": Words.grants,
    "What is withheld": _withheld,
    "Objections": sharing.objections,
    "Special records": sharing.special_records,
    "Emergency access": Words.emergency_access,
    "Guests of meetings": Words.guests,
    "Onward disclosure": sharing.onward_disclosure,
    "Obligations": keeping.obligations,
    "Retention": keeping.retention,
    "Audit": keeping.audit,
    "Case studies": keeping.case_studies,
    "Incidents": keeping.incidents,
    "Rights of the person": keeping.rights,
    "Review": keeping.review,
    "Contacts": keeping.contacts,
    "Examples": keeping.examples,
    "Signatures": keeping.signatures,
}
