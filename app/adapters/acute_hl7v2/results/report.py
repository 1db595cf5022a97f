"""Results (ORU^R01): a DiagnosticReport for each OBR, and what stands below it as Observations and documents.

Keys are the laboratory's own number (OBR-3, else the placer's OBR-2) with the test's code. OBX-4 tells results of one
code apart; where it does not, lines of text are one text, and other results are counted as they come.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from app.adapters.acute_hl7v2.message.codes import Coded, stated
from app.adapters.acute_hl7v2.message.identifiers import digest, professional
from app.adapters.acute_hl7v2.message.reading import Reading, key
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.acute_hl7v2.results.attachments import is_document, read_document
from app.adapters.acute_hl7v2.results.documents import Filing, document_entry
from app.adapters.acute_hl7v2.results.observations import NOT_FINAL, RESULTS, Result, result_entry
from app.adapters.discretion import strictest
from app.adapters.elements import joined, local_identifier_system
from app.vocabulary.fhir_elements import identifier, known, reference
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Elsewhere, Entry, Resource

_NOTE: Final = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note"
_STATUSES: Final = {  # HL7 table 0123
    "O": "registered", "I": "registered", "S": "registered", "A": "partial", "P": "preliminary", "R": "preliminary",
    "F": "final", "C": "corrected", "X": "cancelled",
}  # fmt: skip
_WITHDRAWN: Final = frozenset(("cancelled", "entered-in-error"))
_CONFIDENTIAL: Final = frozenset(("R", "V"))  # HL7 table 0177: restricted, very restricted


@dataclass(slots=True)
class _Report:
    """One OBR with what stands below it, and the ORC before it, if any."""

    obr: Segment
    order: Segment
    notes: list[str] = field(default_factory=list)
    specimens: list[Segment] = field(default_factory=list)
    results: dict[tuple[str, ...], list[Result]] = field(default_factory=dict)

    def add(self, obx: Segment) -> list[str]:
        """Take one OBX; returns where the comments that follow it belong."""
        result = Result(obx)
        named = self.results.setdefault(result.name, [])
        if named and named[-1].goes_on_with(obx):
            named[-1].more.append(obx)
            return named[-1].notes
        result.copy = len(named) + 1
        named.append(result)
        return result.notes

    @property
    def specimen(self) -> str:
        """What was tested, in the sender's words (SPM-4 and -8, else OBR-15): urine is not blood."""
        told = [joined((_word(spm, 4), _word(spm, 8))) for spm in self.specimens]
        return joined(told, "; ") or joined((_word(self.obr, 15), self.obr.text(15, 4)))

    @property
    def number(self) -> str:
        """The laboratory's own number, else the placer's."""
        return next(filter(None, (one.code(at) for at in (3, 2) for one in (self.obr, self.order))), "")

    @property
    def sensitivity(self) -> Sensitivity:
        """What the order asks for (ORC-28)."""
        return Sensitivity.RESTRICTED if self.order.code(28) in _CONFIDENTIAL else Sensitivity.NORMAL


def report_entries(reading: Reading) -> Iterator[Entry]:
    """What each report of the message says; one that cannot be named is refused."""
    for report in _reports(reading):
        test = stated(reading, report.obr, 4)
        if not report.number:
            reading.refuse("OBR-3", "the report has no number, so that a correction could not replace it; send OBR-3")
        elif test is None:
            reading.refuse("OBR-4", "the report does not say what was tested; send OBR-4")
        else:
            yield from _entries(reading, report, test)


def _reports(reading: Reading) -> list[_Report]:
    order = none = reading.message.one("no segment")
    reports: list[_Report] = []
    notes: list[str] = []
    for segment in reading.message.segments:
        match segment.name:
            case "ORC":
                order = segment
            case "OBR":
                reports.append(_Report(segment, order))
                notes, order = reports[-1].notes, none
            case "OBX" if reports:
                notes = reports[-1].add(segment)
            case "SPM" if reports:
                reports[-1].specimens.append(segment)
                notes = reports[-1].notes
            case "OBX":
                reading.refuse("OBR", "a result stands before any OBR, so that its report is not known")
            case "NTE" if reports and segment.raw(3):
                notes.append("\n".join(joined(one, " ") for one in segment.repetitions(3)))
            case "NTE" if segment.raw(3):
                reading.warn("NTE", "a comment stands before any OBR, so that it belongs to no report; it is not filed")
    return reports


def _entries(reading: Reading, report: _Report, test: Coded) -> Iterator[Entry]:
    name = key("DiagnosticReport", report.number, test.code or digest(test.words.casefold()))
    results: list[Entry] = []
    for result in (one for named in report.results.values() for one in named):
        if is_document(result.obx):
            yield from _document(reading, report, test, result, name)
        elif entry := result_entry(reading, result, report.obr, name, report.sensitivity, report.specimen):
            results.append(entry)
    yield _report(reading, report, test, name, results)
    yield from results


def _report(reading: Reading, report: _Report, test: Coded, name: str, results: list[Entry]) -> Entry:
    obr = report.obr
    at, issued = reading.moment(obr, 7), reading.moment(obr, 22)
    system = local_identifier_system(reading.partner, "result")
    asked = [f"Clinical information: {told}"] if (told := joined(obr.components(13), " ")) else []
    interpreters = [[part.strip() for part in one[0].split("&")] for one in obr.repetitions(32) if one[0].strip()]
    resource = known(
        resourceType="DiagnosticReport",
        identifier=[identifier(local_identifier_system(reading.partner, "report"), report.number)],
        status=_status(reading, obr),
        code=test.concept,
        effectiveDateTime=at and at.fhir,
        issued=issued.fhir if issued and "T" in issued.fhir else None,
        result=[reference(system, one.key, one.title) for one in results],
        basedOn=_order(reading, report),
        specimen=[{"display": report.specimen}] if report.specimen else None,
        resultsInterpreter=[professional(reading, one) for one in interpreters],
        extension=[{"url": _NOTE, "valueAnnotation": {"text": text}} for text in (*asked, *report.notes)],
    )
    notable = joined((one.title for one in results if _is_notable(one)), "; ")
    return reading.entry(
        name,
        RESULTS,
        resource,
        test.words,
        detail=joined((NOT_FINAL.get(resource["status"], ""), report.specimen, notable, *asked, *report.notes), "; "),
        sensitivity=strictest(report.sensitivity, *(one.sensitivity for one in results)),
        started=at and at.instant,
        ended=at and at.instant,
        elsewhere=_elsewhere(resource["status"], results),
        derived_from=tuple(one.resource for one in results),  # it names each, and tells what is notable
    )


def _order(reading: Reading, report: _Report) -> list[Resource] | None:
    """Who asked for it (OBR-16, else ORC-12), under the number that they gave their request."""
    by = next((one.components(at) for one, at in ((report.obr, 16), (report.order, 12)) if one.components(at)), None)
    asked = professional(reading, by).get("display") if by else None
    number = next(filter(None, (one.code(2) for one in (report.obr, report.order))), "")
    if not asked and not number:
        return None
    return [
        known(
            type="ServiceRequest",
            identifier=identifier(local_identifier_system(reading.partner, "request"), number) if number else None,
            display=f"Requested by {asked}" if asked else None,
        )
    ]


def _word(segment: Segment, field: int) -> str:
    """A code (HL7 v2 CE) in words, wherever its sender put them: a component of its own, or part of the first."""
    first = segment.text(field)
    parts = first.split(segment.delimiters.subcomponent) if segment.delimiters.subcomponent else [first]
    return (segment.text(field, 2) or next(filter(None, parts[1:]), "") or parts[0]).strip()


def _elsewhere(status: str, results: list[Entry]) -> Elsewhere:
    """A laboratory that puts right whose a report is may never withdraw the other; what withdraws takes nothing."""
    statuses = [one.resource["status"] for one in results] or [status]
    is_withdrawn = status in _WITHDRAWN or all(one in _WITHDRAWN for one in statuses)
    return Elsewhere.STANDS if is_withdrawn else Elsewhere.YIELDS


def _is_notable(result: Entry) -> bool:
    flags = result.resource.get("interpretation", ())
    return any(coding["code"] != "N" for flag in flags for coding in flag["coding"])


def _status(reading: Reading, obr: Segment) -> str:
    code = obr.code(25)
    if code and code not in _STATUSES:
        reading.warn("OBR-25", "the status is not in HL7 table 0123; it is taken to be unknown")
    return _STATUSES.get(code, "unknown")


def _document(reading: Reading, report: _Report, test: Coded, result: Result, name: str) -> Iterator[Entry]:
    document = read_document(reading, result.obx)
    if document is None:
        return
    at = reading.moment(result.obx, 14) or reading.moment(report.obr, 7)
    filing = Filing(
        key=result.below(name, "document"),
        title=joined((test.words, result.obx.text(3, 2)), ": "),
        kind=test.concept,
        at=at,
        sensitivity=report.sensitivity,
        doc_status="final" if report.obr.code(25) in ("F", "C") else "preliminary",
    )
    yield document_entry(reading, filing, document)
