"""Messages that change whose record is whose: A34 and A40 merge, A47 corrects a number, A42 moves a visit (MRG).

PID-3 survives and MRG-1 is retired. None of these changes demographics: a following A31 or A08 does (HL7 UK A.3).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from app.adapters.acute_hl7v2.message.identifiers import Identity, identify
from app.adapters.acute_hl7v2.message.reading import Reading, key
from app.adapters.acute_hl7v2.message.segments import Segment
from app.vocabulary.statement import IdentityChange, MergeKind, Subject

KINDS: Final = {
    "A34": MergeKind.MERGE,
    "A40": MergeKind.MERGE,
    "A42": MergeKind.MOVE_VISIT,
    "A47": MergeKind.CHANGE_ID,
}
BY_PERSON: Final = ("Patient", "AllergyIntolerance", "Condition", "Consent", "Procedure", "RelatedPerson")
"""What is filed under the person's own number. A merge retires only the first; the rest goes on, as the survivor's."""


def identity_changes(reading: Reading) -> Iterator[IdentityChange]:
    """Each pair of PID and MRG in the message; one that does not name both sides is refused."""
    for pid, mrg, pv1 in _pairs(reading):
        moves = KINDS[reading.trigger] is MergeKind.MOVE_VISIT
        surviving = identify(reading, pid, 3)
        retired = identify(reading, mrg, 1) or (surviving if moves else None)
        if surviving is None or retired is None:
            reading.refuse("MRG-1", "the message does not name whom it joins to whom; send PID-3 and MRG-1")
        elif moves:
            yield from _move(reading, surviving, retired, mrg, pv1)
        elif surviving.token == retired.token:
            reading.refuse("MRG-1", "the message joins a number to itself; send the retired number in MRG-1")
        else:
            retires = BY_PERSON if KINDS[reading.trigger] is MergeKind.CHANGE_ID else ("Patient",)
            yield _change(reading, surviving, retired, *_of_person(retires, retired, surviving))


def _of_person(kinds: Iterable[str], retired: Identity, surviving: Identity) -> list[tuple[str, str]]:
    return [(key(kind, retired.token), key(kind, surviving.token)) for kind in kinds]


def _pairs(reading: Reading) -> list[tuple[Segment, Segment, Segment]]:
    """Each PID with the MRG and the PV1 that follow it: one message may hold several (HL7 v2.4 §3.3.40)."""
    none = reading.message.one("no segment")
    found: list[tuple[Segment, Segment, Segment]] = []
    for segment in reading.message.segments:
        if segment.name == "PID":
            found.append((segment, none, none))
        elif found and segment.name == "MRG":
            found[-1] = (found[-1][0], segment, found[-1][2])
        elif found and segment.name == "PV1":
            found[-1] = (found[-1][0], found[-1][1], segment)
    return found


def _move(
    reading: Reading, surviving: Identity, retired: Identity, mrg: Segment, pv1: Segment
) -> Iterator[IdentityChange]:
    old, new = mrg.code(5), pv1.code(19)
    if not old or not new or old == new:
        reading.refuse("MRG-5", "the message does not name the two visits; send the retired one in MRG-5")
    else:
        yield _change(reading, surviving, retired, (key("Encounter", old), key("Encounter", new)))


def _change(reading: Reading, surviving: Identity, retired: Identity, *keys: tuple[str, str]) -> IdentityChange:
    return IdentityChange(
        kind=KINDS[reading.trigger],
        surviving=Subject(local_id=surviving.local_id, nhs_number=surviving.nhs_number),
        retired=Subject(local_id=retired.local_id, nhs_number=retired.nhs_number),
        line=reading.line,
        recorded=reading.recorded_at,
        keys=keys,
    )
