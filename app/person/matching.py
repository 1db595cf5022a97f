"""Whether a subject is a person already known: the decision alone, of values. Pure.

Nothing here scores or guesses. A verified NHS number matches where demographics agree; a number that was not traced
needs the date of birth and a second factor; anything that disagrees waits for a person, and says which field.
(NHS Data Dictionary: NHS NUMBER STATUS INDICATOR CODE.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import eq
from typing import Any, Final, NamedTuple

from app.person.demographics import Demographics
from app.person.names import given_names_agree
from app.vocabulary.statement import Tracing


class Field(StrEnum):
    """What may agree or disagree, named as `Subject` names it."""

    NHS_NUMBER = "nhs_number"
    BIRTH_DATE = "birth_date"
    FAMILY_NAME = "family_name"
    GIVEN_NAMES = "given_names"
    POSTCODE = "postcode"
    UPRN = "uprn"


class Confirmation(StrEnum):
    """How a partner's own identifier was found to be a person's."""

    NHS_NUMBER = "nhs-number"
    TRACE = "trace"
    PERSON = "person"


class Reason(StrEnum):
    """Why a subject waits for a person."""

    DISAGREES = "disagrees"  # some field contradicts what is known
    NOT_ENOUGH = "not-enough"  # nothing contradicts, yet too little is stated or agrees
    NUMBER_IN_QUESTION = "number-in-question"  # tracing has not ended well: status 04 to 08 beside a number
    TRACE_REQUIRED = "trace-required"  # nobody here is known by what it gives
    SEVERAL = "several"  # a trace found more than one
    OF_ANOTHER = "of-another"  # its sender said the same of somebody else, and has not taken that back


class Known(NamedTuple):
    """One person as the index knows them, seen from one subject.

    `identities` is what partners stated of them; `holds_number` says whether the subject's NHS number is theirs;
    `confirmed_by` how the subject's local identifier was found to be theirs, if it was.
    """

    identities: Sequence[Demographics]
    holds_number: bool
    confirmed_by: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """The subject is this person."""


@dataclass(frozen=True, slots=True)
class Disagrees:
    """The subject and the person contradict each other in these fields."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Insufficient:
    """Nothing contradicts, but it is not enough to go by."""

    reason: Reason


Judgement = Matched | Disagrees | Insufficient
MATCHED: Final = Matched()


class Comparison(NamedTuple):
    """Which fields, stated on both sides, agree and which contradict each other."""

    agrees: tuple[Field, ...]
    disagrees: tuple[Field, ...]


_IDENTIFYING: Final[tuple[tuple[Field, int, Callable[[Any, Any], bool]], ...]] = (
    (Field.BIRTH_DATE, Demographics._fields.index("birth_date"), eq),
    (Field.FAMILY_NAME, Demographics._fields.index("family_folded"), eq),
    (Field.GIVEN_NAMES, Demographics._fields.index("given_folded"), given_names_agree),
)
_HOME: Final = (  # people move: where they live may agree, never disagree
    (Field.POSTCODE, Demographics._fields.index("postcode")),
    (Field.UPRN, Demographics._fields.index("uprn")),
)
_COLUMNS: Final = (*((field, column) for field, column, _ in _IDENTIFYING), *_HOME)
_SECOND_FACTORS: Final = frozenset({Field.FAMILY_NAME, Field.POSTCODE, Field.UPRN})
_TO_GO_BY: Final = frozenset({Field.BIRTH_DATE, Field.FAMILY_NAME})
_UNTRACED: Final = (Tracing.NOT_TRACED, Tracing.TRACE_REQUIRED, Tracing.UNSTATED)


def compare(stated: Demographics, identities: Sequence[Demographics]) -> Comparison:
    """Compare what is stated with all that partners state of one person.

    A field agrees where any of them states it so: each was found to be the person's when it was recorded.
    """
    if stated in identities:  # the usual case by far
        return Comparison(tuple(field for field, column in _COLUMNS if stated[column] is not None), ())
    agrees: list[Field] = []
    disagrees: list[Field] = []
    for field, column, agree in _IDENTIFYING:
        ours = stated[column]
        theirs = [value for identity in identities if (value := identity[column]) is not None]
        if ours is not None and theirs:
            alike = ours in theirs or any(agree(ours, value) for value in theirs)
            (agrees if alike else disagrees).append(field)
    for field, column in _HOME:
        ours = stated[column]
        if ours is not None and any(identity[column] == ours for identity in identities):
            agrees.append(field)
    return Comparison(tuple(agrees), tuple(disagrees))


def judge(stated: Demographics, tracing: Tracing | None, known: Known) -> Judgement:
    """Judge a subject against the person to whom its number or its local identifier leads.

    `tracing` is the status of the subject's NHS number, `None` where it has none.
    """
    agrees, disagrees = compare(stated, known.identities)
    if tracing is not None and not known.holds_number:
        disagrees = (Field.NHS_NUMBER, *disagrees)
    if disagrees:
        return Disagrees(disagrees)
    if tracing is None or known.confirmed_by is Confirmation.PERSON:
        return MATCHED if known.confirmed_by else Insufficient(Reason.TRACE_REQUIRED)
    return _judge_number(stated, tracing, agrees, known)


def _judge_number(stated: Demographics, tracing: Tracing, agrees: tuple[Field, ...], known: Known) -> Judgement:
    if tracing is Tracing.VERIFIED:
        is_new = not known.identities and identifies(stated)  # a number that came from a trace alone
        enough = is_new or not _TO_GO_BY.isdisjoint(agrees)
    elif tracing in _UNTRACED:
        second = known.confirmed_by is not None or not _SECOND_FACTORS.isdisjoint(agrees)
        enough = Field.BIRTH_DATE in agrees and second
    else:
        return Insufficient(Reason.NUMBER_IN_QUESTION)
    return MATCHED if enough else Insufficient(Reason.NOT_ENOUGH)


def lacks_to_be_new(stated: Demographics, tracing: Tracing) -> Reason | None:
    """Why an NHS number that nobody here holds does not make a new person; `None` where it does."""
    if tracing is Tracing.VERIFIED:
        return None if identifies(stated) else Reason.NOT_ENOUGH
    return Reason.TRACE_REQUIRED if tracing in _UNTRACED else Reason.NUMBER_IN_QUESTION


def identifies(stated: Demographics) -> bool:
    """Whether enough is stated for the next statement to be compared with it."""
    return stated.birth_date is not None or stated.family_folded is not None
