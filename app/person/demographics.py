"""What one partner states of one person, in the form in which it is compared, searched and stored. Pure."""

import re
from datetime import date
from typing import Final, NamedTuple, Self

from app.person.names import NOT_A_NAME, fold, fold_words
from app.vocabulary.statement import Subject

_POSTCODE: Final = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})")
_PLACEHOLDER_BIRTH_DATES: Final = (date(1800, 1, 1), date(1900, 1, 1))
"""What systems write where they know no date of birth."""


class Demographics(NamedTuple):
    """Fields as `person_identity` holds them, in its order; `None` where nothing usable is stated.

    A value that says only that nothing is known counts as absent, so that two such never agree: `UNKNOWN` or `BABY`
    as a name, 1 January 1900, a pseudo-postcode (ZZ99, as for no fixed abode), half a postcode.
    Its `repr` holds no personal data.
    """

    family_name: str | None = None
    given_names: str | None = None
    birth_date: date | None = None
    gender: str | None = None
    postcode: str | None = None
    uprn: str | None = None
    death_date: date | None = None
    family_folded: str | None = None
    given_folded: str | None = None  # its words folded, with spaces between

    @classmethod
    def of(cls, subject: Subject) -> Self:
        """Read what a subject's partner states."""
        family, family_folded = _family(subject.family_name)
        given, given_folded = _given(subject.given_names)
        return cls(
            family,
            given,
            subject.birth_date if subject.birth_date not in _PLACEHOLDER_BIRTH_DATES else None,
            subject.gender,
            full_postcode(subject.postcode),
            _uprn(subject.uprn),
            subject.death_date,
            family_folded,
            given_folded,
        )

    def over(self, earlier: "Demographics | None") -> "Demographics":
        """What is known after this was stated on top of `earlier`: silence about a field withdraws nothing.

        It is `earlier` itself where that knew it all.
        """
        if earlier is None:
            return self
        fields = (after if after is not None else before for after, before in zip(self, earlier, strict=True))
        return earlier if self == earlier or (whole := Demographics._make(fields)) == earlier else whole

    def __repr__(self) -> str:
        return "Demographics(•••)"


def full_postcode(text: str | None) -> str | None:
    """A postcode as Royal Mail writes it, in capitals with its space; `None` where it is no full, real one."""
    if not text:
        return None
    found = _POSTCODE.fullmatch(text) or _POSTCODE.fullmatch("".join(filter(str.isalnum, text)).upper())
    return None if found is None or found[1] == "ZZ99" else f"{found[1]} {found[2]}"


def _family(name: str | None) -> tuple[str, str] | tuple[None, None]:
    folded = fold(name) if name else ""
    return (name, folded) if name and folded and folded not in NOT_A_NAME else (None, None)


def _given(names: tuple[str, ...]) -> tuple[str, str] | tuple[None, None]:
    stated = " ".join(names)
    folded = fold_words(stated)
    return (stated, folded) if folded and folded.split(" ", 1)[0] not in NOT_A_NAME else (None, None)


def _uprn(text: str | None) -> str | None:
    digits = text.strip().lstrip("0") if text else ""
    return digits if digits.isdigit() and len(digits) <= 12 else None
