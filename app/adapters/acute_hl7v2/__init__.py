"""The acute trust: HL7 v2, versions 2.3 to 2.5.1 as the UK uses it (HL7 UK A.3, April 2010; ITK HL7 v2 ADT).

A message is ER7 text in UTF-8, or in the single-byte set that MSH-18 declares (`8859/1` and its like); segments end
with CR, LF or CR LF. A file holds one message or many, bare, in MLLP frames, or in a batch (FHS, BHS, BTS, FTS) whose
counts must agree. MSH-12 is not looked at: senders write any version. Lines count messages, from 1; findings name the
field.

Read: ADT^A01-A05, A08, A11-A13, A21, A22, A28, A31 (PID PD1 NK1 PV1 PV2 AL1 DG1 PR1 ZU1 ZU3 ZU4 ZU5 ZU8), A34, A40, A42
and A47 (MRG), ORU^R01, MDM^T02, SIU^S12-S17 and S26. An empty field says nothing, so that what was known stays; `""`
takes back. What says something of somebody's care and is not read in a message is a finding, `not-read-` and the
segment. A segment that is absent takes nothing back either: HL7 v2 has no word for an allergy that was withdrawn.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final

from app.adapters.acute_hl7v2.message.character_sets import decode
from app.adapters.acute_hl7v2.message.envelope import Envelope
from app.adapters.acute_hl7v2.message.framing import LONGEST_MESSAGE, Unit, units
from app.adapters.acute_hl7v2.message.identifiers import Identity, identify
from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.message.segments import People, parse, read_delimiters, read_header
from app.adapters.acute_hl7v2.people.contacts import contacts
from app.adapters.acute_hl7v2.people.demographics import flags, patient_entries, subject
from app.adapters.acute_hl7v2.people.identity_changes import identity_changes
from app.adapters.acute_hl7v2.results.documents import document_entries
from app.adapters.acute_hl7v2.results.report import report_entries
from app.adapters.acute_hl7v2.visits.appointments import scheduled_entries, visit_appointments
from app.adapters.acute_hl7v2.visits.clinical import allergies, diagnoses_and_procedures
from app.adapters.acute_hl7v2.visits.encounters import visit_entries
from app.adapters.acute_hl7v2.visits.legal import legal_entries
from app.adapters.acute_hl7v2.visits.referrals import referral
from app.adapters.acute_hl7v2.visits.visit import Visit, admission, guarded, read_visit
from app.adapters.acute_hl7v2.visits.z_segments import consent, milestones, milestones_told, sharing_flags, tracing
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import (
    Entry,
    Finding,
    Relationship,
    Sender,
    Severity,
    Statement,
    Subject,
    Utterance,
)

_COVERS: Final = frozenset(
    map(
        Category,
        (
            "demographics",
            "ethnicity",
            "address",
            "gp-practice",
            "care-team",
            "contacts",
            "sharing-preferences",
            "legal",
            "admissions",
            "encounters",
            "appointments",
            "referrals",
            "problems",
            "procedures",
            "allergies",
            "results",
            "documents",
        ),
    )
)
_TYPE: Final = re.compile(r"[A-Z]{3}\^[A-Z][0-9]{2}")


class AcuteHL7v2:
    """The adapter; `longest` bounds one message, in bytes."""

    name = "acute-hl7v2"
    covers = _COVERS

    def __init__(self, *, longest: int = LONGEST_MESSAGE) -> None:
        self._longest = longest

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """Say what each message says, in order; see `app.adapters.registry.Adapter`."""
        envelope, people = Envelope(), People()
        line = 0
        for unit in units(message, longest=self._longest):
            if unit.name == "MSH":
                line += 1
                envelope.message()
                yield from _said(unit, people, sender.partner, line)
            else:
                envelope.take(unit.name, unit.content, line=line)
        envelope.end(line=line)


ADAPTER: Final = AcuteHL7v2()


def _said(unit: Unit, people: People, partner: OdsCode, line: int) -> Iterator[Utterance]:
    """What one message says, then what was wrong in it.

    A file that ends within a message may have lost half of a number: that message is not filed. One that is alone may
    have come in a frame, which has its own end.
    """
    if line > 1 and not unit.ended:
        text = "the file ends within this message, which is not filed; end the last line, or send the file again"
        yield Finding(rule="truncated", severity=Severity.REFUSED, line=line, text=text)
        return
    try:
        reading = _reading(unit, people, partner, line)
    except ValueError as wrong:
        yield Finding(rule="unreadable", severity=Severity.REFUSED, line=line, text=str(wrong))
        return
    interpret = TRIGGERS.get(reading.type)
    if interpret is None:
        told = reading.type if _TYPE.fullmatch(reading.type) else "of this type"
        reading.warn("unsupported-trigger", f"messages {told} are not read; it is kept in the inbox")
    else:
        yield from interpret(reading)
        _tell_unread(reading)
    yield from reading.findings


def _reading(unit: Unit, people: People, partner: OdsCode, line: int) -> Reading:
    """The message parted and ready to be read; raises `ValueError` where it cannot be."""
    if unit.content is None:
        raise ValueError("the message is too long; send large documents by another way")
    delimiters = read_delimiters(unit.content)
    message = parse(decode(unit.content, read_header), delimiters, people)
    reading = Reading(message, partner=partner, line=line)
    if not unit.ended:
        reading.warn("truncated", "the last segment has no end, so that the message may be cut short; send it again")
    if message.breaks:
        reading.warn("line-break", "a line break stands within a field; send it as \\.br\\")
    return reading


_READ: Final = {
    "ADT": frozenset(("AL1", "DG1", "PR1")),
    "ORU": frozenset(("NTE", "OBR", "OBX", "ORC", "SPM")),
    "MDM": frozenset(("OBX",)),
    "SIU": frozenset(),
}
_CLINICAL: Final = frozenset(
    ("AL1", "ARV", "CON", "DB1", "DG1", "GOL", "IAM", "NTE", "OBR", "OBX", "ORC", "PDA", "PR1", "PRB", "PTH", "ROL",
     "RXA", "RXC", "RXD", "RXE", "RXG", "RXO", "RXR", "SPM")
)  # fmt: skip
"""Segments that say something of somebody's care; `_READ` says which of them each kind of message is read for."""


def _tell_unread(reading: Reading) -> None:
    """Tell what stands in a message beyond what is read of its kind: nothing clinical is dropped without a word."""
    names = {segment.name for segment in reading.message.segments} & _CLINICAL
    for name in sorted(names - _READ.get(reading.type.partition("^")[0], frozenset())):
        reading.warn(f"not-read-{name}", f"{name} is not read in messages of this type: what it says is not shown")
    if reading.message.one("PD1").code(12).upper() == "Y":
        text = "the protection indicator is not heeded; send ZU8-2 for dissent and ZU8-4 to hide where they live"
        reading.warn("PD1-12", text)


_Said = tuple[Iterable[Entry], Iterable[Relationship]]
_Say = Callable[[Reading, Identity, Subject], _Said]


def _stated(say: _Say) -> Callable[[Reading], Iterator[Utterance]]:
    """A message about one person: what `say` gives, under the subject that PID names."""

    def interpret(reading: Reading) -> Iterator[Utterance]:
        pids = reading.message.every("PID")
        identity = reading.once(pids[0], identify, 3) if len(pids) == 1 else None
        if identity is None:
            reading.refuse("PID-3", "the message does not name one person; send one PID with its identifiers")
            return
        about = reading.once(pids[0], subject, tracing(reading))
        entries, relationships = say(reading, identity, about)
        yield Statement(
            subject=about,
            line=reading.line,
            entries=tuple(entries),
            flags=(*flags(reading), *sharing_flags(reading)),
            relationships=tuple(relationships),
        )

    return interpret


def _administration(reading: Reading, identity: Identity, about: Subject) -> _Said:
    """An ADT message: the person, whom they have, their visit and what is known of it."""
    visit = read_visit(reading)
    entries = [
        *patient_entries(reading, identity, about),
        *contacts(reading, identity),
        *allergies(reading, identity),
        *filter(None, (consent(reading, identity),)),
    ]
    if visit is None:
        return [*entries, *diagnoses_and_procedures(reading, identity, None)], ()
    told, relationships = _visit(reading, identity, visit)
    return [*entries, *(guarded(visit, entry) for entry in told)], relationships


def _visit(reading: Reading, identity: Identity, visit: Visit) -> _Said:
    """What an ADT message says of a visit."""
    entries = [
        *visit_entries(reading, visit, milestones_told(reading)),
        *milestones(reading, visit),
        *diagnoses_and_procedures(reading, identity, visit),
        *visit_appointments(reading, visit),
        *legal_entries(reading, visit),
    ]
    referred = referral(reading, visit)
    if referred:
        entries.append(referred[0])
    return entries, filter(None, (admission(reading, visit), referred and referred[1]))


def _results(reading: Reading, _: Identity, __: Subject) -> _Said:
    return report_entries(reading), ()


def _documents(reading: Reading, _: Identity, __: Subject) -> _Said:
    return document_entries(reading), ()


def _appointments(reading: Reading, _: Identity, __: Subject) -> _Said:
    return scheduled_entries(reading), ()


TRIGGERS: Final[dict[str, Callable[[Reading], Iterator[Utterance]]]] = {
    "ADT^A01": _stated(_administration),  # admit
    "ADT^A02": _stated(_administration),  # transfer
    "ADT^A03": _stated(_administration),  # discharge
    "ADT^A04": _stated(_administration),  # register an out-patient or an emergency
    "ADT^A05": _stated(_administration),  # pre-admit
    "ADT^A08": _stated(_administration),  # update person and visit
    "ADT^A11": _stated(_administration),  # cancel admission
    "ADT^A12": _stated(_administration),  # cancel transfer
    "ADT^A13": _stated(_administration),  # cancel discharge
    "ADT^A21": _stated(_administration),  # go on leave
    "ADT^A22": _stated(_administration),  # return from leave
    "ADT^A28": _stated(_administration),  # add person
    "ADT^A31": _stated(_administration),  # update person
    "ADT^A34": identity_changes,  # merge, of old
    "ADT^A40": identity_changes,  # merge
    "ADT^A42": identity_changes,  # merge visits
    "ADT^A47": identity_changes,  # correct a number
    "ORU^R01": _stated(_results),
    "MDM^T02": _stated(_documents),
    "SIU^S12": _stated(_appointments),  # new
    "SIU^S13": _stated(_appointments),  # another time
    "SIU^S14": _stated(_appointments),  # changed
    "SIU^S15": _stated(_appointments),  # cancelled
    "SIU^S16": _stated(_appointments),  # discontinued
    "SIU^S17": _stated(_appointments),  # deleted
    "SIU^S26": _stated(_appointments),  # did not attend
}
