"""What a person may do about what they read, in the words of the agreements that they are shared under. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.sharing.names import Names
from app.sharing.written.document import Agreement

_HOLDS: Final = "It holds from when you tell us until it is decided."
_WAITS: Final = "It holds once it is decided."


@dataclass(frozen=True, slots=True)
class Office:
    """Whom to turn to."""

    name: str
    organisation: str
    email: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Advice:
    """`answers` are those who answer for what is here, `objections` how it is decided whether one is upheld."""

    answers: tuple[Office, ...]
    objections: tuple[str, ...]


def advice(documents: Sequence[Agreement], names: Names) -> Advice:
    """What the agreements in force say of whom to ask, and of objections."""
    return Advice(
        answers=tuple(dict.fromkeys(_offices(documents))),
        objections=tuple(dict.fromkeys(_objections(documents, names))),
    )


def _offices(documents: Iterable[Agreement]) -> Iterable[Office]:
    for document in documents:
        parties = {party.id: party.name for party in document.parties}
        asked = [document.audit.asked_of] if document.audit else []
        for word in dict.fromkeys([*asked, *(right.asked_of for right in document.rights)]):
            contact = document.contacts[word]
            yield Office(contact.office, parties[contact.party], contact.email or "", contact.telephone or "")


def _objections(documents: Iterable[Agreement], names: Names) -> Iterable[str]:
    for document in documents:
        if document.objections:
            roles = " or ".join(names.role(role).lower() for role in document.objections.decided_by)
            held = _HOLDS if document.objections.until_decided == "holds" else _WAITS
            yield f"A {roles} decides about it. {held}"
