"""One batch of subjects against what is known of them: who each is, and what that adds to the index. Pure.

Subjects are taken in order, each seeing what those before it added, so that two of one new number are one person.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self
from uuid import UUID

from app.person.demographics import Demographics
from app.person.matching import (
    Confirmation,
    Disagrees,
    Field,
    Insufficient,
    Judgement,
    Known,
    Matched,
    Reason,
    judge,
    lacks_to_be_new,
)
from app.person.resolution import Found, Resolution, Waits
from app.vocabulary.statement import Subject


class Place(NamedTuple):
    """The person whom an identifier names, and the one who stands for them."""

    filed_as: UUID
    person_id: UUID


class Reference(NamedTuple):
    """Whom a partner's local identifier names, and how that was found."""

    place: Place
    confirmed_by: Confirmation


class Presented(NamedTuple):
    """A subject, what it states in comparable form, and the digits of its NHS number."""

    subject: Subject
    stated: Demographics
    number: str | None

    @classmethod
    def of(cls, subject: Subject) -> Self:
        """Make a subject comparable."""
        number = subject.nhs_number
        return cls(subject, Demographics.of(subject), number.digits if number is not None else None)

    def __repr__(self) -> str:
        return "Presented(•••)"


@dataclass(slots=True, kw_only=True, repr=False)  # its keys are NHS numbers
class Register:
    """What is known of those whom a batch speaks of; the `new_…` are what the batch adds to it.

    `own` is what the sending partner stated of each person filed so far, `stated` what all partners state of each
    person; the latter need hold only `spoken_of_anew`.
    """

    by_number: dict[str, Place]
    by_local_id: dict[str, Reference]
    own: dict[UUID, Demographics] = field(default_factory=dict)
    stated: dict[UUID, list[Demographics]] = field(default_factory=dict)
    new_people: dict[str, UUID] = field(default_factory=dict)
    new_references: dict[str, Reference] = field(default_factory=dict)
    new_identities: dict[UUID, Demographics] = field(default_factory=dict)
    first_told: set[UUID] = field(default_factory=set)  # people of whom this partner had stated nothing

    @property
    def filed_as(self) -> set[UUID]:
        """Everybody whom the identifiers of this batch name."""
        places = [*self.by_number.values(), *(reference.place for reference in self.by_local_id.values())]
        return {place.filed_as for place in places}

    def spoken_of_anew(self, batch: Iterable[Presented]) -> set[UUID]:
        """The people of whom the partner says something that it has not said before.

        What it repeats was judged when it was first said, so nobody else's statements need be read.
        """
        anew = set()
        for presented in batch:
            place, reference = self._whom(presented)
            if place is not None:
                own = self.own.get(_filed_as(place, reference))
                if own is None or presented.stated.over(own) is not own:
                    anew.add(place.person_id)
        return anew

    def settle(self, presented: Presented, *, confirmed_by: Confirmation, new_id: Callable[[], UUID]) -> Resolution:
        """Say whose one subject is, and remember what that adds."""
        place, reference = self._whom(presented)
        if reference and (place is None or place.person_id != reference.place.person_id):
            return _of_two(reference.place, place)
        if place is None:
            return self._settle_unknown(presented, confirmed_by, new_id)
        own = self.own.get(_filed_as(place, reference))
        whole = presented.stated.over(own)
        judgement = self._judge(presented, place, reference, repeated=whole is own)
        if not isinstance(judgement, Matched):
            return _waits(judgement, place)
        if whole is not own:
            self._remember(_filed_as(place, reference), place, whole)
        return self._file(presented, place, reference, confirmed_by)

    def _whom(self, presented: Presented) -> tuple[Place | None, Reference | None]:
        """Whom the subject's number names, or without one its local identifier; and whom the latter names anyhow."""
        local_id = presented.subject.local_id
        reference = self.by_local_id.get(local_id) if local_id is not None else None
        if presented.number is not None:
            return self.by_number.get(presented.number), reference
        return (reference.place if reference else None), reference

    def _settle_unknown(
        self, presented: Presented, confirmed_by: Confirmation, new_id: Callable[[], UUID]
    ) -> Resolution:
        if presented.number is None:
            return Waits(Reason.TRACE_REQUIRED)
        if lacking := lacks_to_be_new(presented.stated, presented.subject.tracing):
            return Waits(lacking)
        person_id = self.new_people[presented.number] = new_id()
        place = self.by_number[presented.number] = Place(person_id, person_id)
        self._remember(person_id, place, presented.stated)
        return self._file(presented, place, None, confirmed_by)

    def _judge(self, presented: Presented, place: Place, reference: Reference | None, *, repeated: bool) -> Judgement:
        known = Known(
            [presented.stated] if repeated else self.stated.get(place.person_id, ()),
            holds_number=presented.number is not None,
            confirmed_by=reference.confirmed_by if reference else None,
        )
        return judge(presented.stated, presented.subject.tracing if presented.number is not None else None, known)

    def _remember(self, filed_as: UUID, place: Place, stated: Demographics) -> None:
        if filed_as not in self.own:
            self.first_told.add(filed_as)
        self.own[filed_as] = self.new_identities[filed_as] = stated
        self.stated.setdefault(place.person_id, []).append(stated)

    def _file(
        self, presented: Presented, place: Place, reference: Reference | None, confirmed_by: Confirmation
    ) -> Found:
        if reference is None and (local_id := presented.subject.local_id) is not None:
            self.by_local_id[local_id] = self.new_references[local_id] = Reference(place, confirmed_by)
        filed_as = _filed_as(place, reference)
        return Found(place.person_id, filed_as, is_first=filed_as in self.first_told)


def _filed_as(place: Place, reference: Reference | None) -> UUID:
    """Whom a partner's own identifier names is whom it files, though another may stand for them by now."""
    return reference.place.filed_as if reference else place.filed_as


def _of_two(one: Place, other: Place | None) -> Waits:
    """The local identifier and the number name two people, or the number is not that person's."""
    candidates = (one.person_id, other.person_id) if other else (one.person_id,)
    return Waits(Reason.DISAGREES, (Field.NHS_NUMBER,), candidates)


def _waits(judgement: Disagrees | Insufficient, place: Place) -> Waits:
    if isinstance(judgement, Disagrees):
        return Waits(Reason.DISAGREES, judgement.fields, (place.person_id,))
    return Waits(judgement.reason, (), (place.person_id,))
