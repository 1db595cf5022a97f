"""Documents (MDM^T02, and those within results): FHIR DocumentReference, with the bytes beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.adapters.acute_hl7v2.message.codes import stated
from app.adapters.acute_hl7v2.message.identifiers import professional
from app.adapters.acute_hl7v2.message.reading import Reading, below, key
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.acute_hl7v2.message.timestamps import Moment
from app.adapters.acute_hl7v2.results.attachments import Document, is_document, read_document
from app.adapters.elements import joined, local_identifier_system
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import known
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Elsewhere, Entry, Resource, Standing

_DOCUMENTS: Final = Category("documents")
_CONFIDENTIAL: Final = frozenset(("R", "V"))  # HL7 table 0272: restricted, very restricted
_FINAL: Final = frozenset(("AU", "LA"))  # HL7 table 0271: authenticated, legally authenticated
_AVAILABILITY: Final = {  # HL7 table 0273
    "": ("current", Standing.CURRENT),
    "AV": ("current", Standing.CURRENT),
    "OB": ("superseded", Standing.ENDED),
    "CA": ("entered-in-error", Standing.ENTERED_IN_ERROR),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Under what a document is filed."""

    key: str
    title: str
    kind: Resource
    at: Moment | None
    sensitivity: Sensitivity = Sensitivity.NORMAL
    doc_status: str | None = None
    status: str = "current"
    standing: Standing = Standing.CURRENT
    author: Resource | None = None
    number: str = ""


def document_entry(reading: Reading, filing: Filing, document: Document) -> Entry:
    """A document as an entry; what it says stays within the bytes."""
    resource = known(
        resourceType="DocumentReference",
        identifier=[{"system": local_identifier_system(reading.partner, "document"), "value": filing.number}]
        if filing.number
        else None,
        status=filing.status,
        docStatus=filing.doc_status,
        type=filing.kind,
        date=reading.recorded.fhir if reading.recorded and "T" in reading.recorded.fhir else None,
        author=[filing.author] if filing.author else None,
        content=[{"attachment": document.attachment(filing.title)}],
        context={"period": {"start": filing.at.fhir}} if filing.at else None,
    )
    return reading.entry(
        filing.key,
        _DOCUMENTS,
        resource,
        filing.title,
        sensitivity=filing.sensitivity,
        started=filing.at and filing.at.instant,
        ended=filing.at and filing.at.instant,
        standing=filing.standing,
        attachment=document.content,
        elsewhere=Elsewhere.YIELDS if filing.number and filing.standing is Standing.CURRENT else Elsewhere.STANDS,
    )


def document_entries(reading: Reading) -> Iterator[Entry]:
    """The documents of an MDM message: each embedded one, else its lines of text as one."""
    txa = reading.message.one("TXA")
    number = txa.code(12)
    if not number:
        reading.refuse("TXA-12", "the document has no number, so that a new version could not replace it; send TXA-12")
        return
    if txa.code(19) not in _AVAILABILITY:
        reading.refuse("TXA-19", "the document is not available for care, or its availability is not known")
        return
    documents = list(_documents(reading))
    if not documents:
        reading.refuse("OBX-5", "the message holds no document; send its content in OBX-5")
    name = key("DocumentReference", number)
    for count, document in enumerate(documents, start=1):
        filing = _filing(reading, txa, name if count == 1 else below(name, str(count)), number)
        yield document_entry(reading, filing, document)


def _documents(reading: Reading) -> Iterator[Document]:
    lines = []
    for obx in reading.message.every("OBX"):
        if not is_document(obx):
            lines += [joined(one, " ") for one in obx.repetitions(5)]
        elif document := read_document(reading, obx):
            yield document
    if any(lines):
        yield Document("\n".join(lines).encode(), "text/plain; charset=utf-8")


def _filing(reading: Reading, txa: Segment, name: str, number: str) -> Filing:
    kind = stated(reading, txa, 2)
    status, standing = _AVAILABILITY[txa.code(19)]
    author = txa.components(9) or txa.components(5)
    return Filing(
        key=name,
        title=kind.words if kind else "Document from the hospital",
        kind=kind.concept if kind else {"text": "Document"},
        at=reading.moment(txa, 4) or reading.moment(txa, 6),
        sensitivity=Sensitivity.RESTRICTED if txa.code(18) in _CONFIDENTIAL else Sensitivity.NORMAL,
        doc_status=None if txa.silent(17) else "final" if txa.code(17) in _FINAL else "preliminary",
        status=status,
        standing=standing,
        author=professional(reading, author) if author else None,
        number=number,
    )
