"""Documents within a message: OBX-5 of type ED, as PAS and laboratories embed letters and reports.

`<application>^<type>^<subtype>^<encoding>^<content>`: senders write the type as `application^pdf`, `TEXT^PDF`,
`application/pdf` or `PDF`, some of them under another OBX-2. The content decides: what begins as a PDF is one.
"""

import base64
import hashlib
from typing import Final, NamedTuple

from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.message.segments import Segment
from app.vocabulary.statement import Resource

_PDF: Final = b"%PDF-"
_WHITE: Final = str.maketrans("", "", " \t\r\n")
_TYPES: Final = {
    "PDF": "application/pdf",
    "RTF": "application/rtf",
    "HTML": "text/html",
    "PLAIN": "text/plain",
    "TXT": "text/plain",
    "JPEG": "image/jpeg",
    "JPG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "TIF": "image/tiff",
    "DOC": "application/msword",
    "MSWORD": "application/msword",
    "DOCX": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_UNKNOWN: Final = "application/octet-stream"


class Document(NamedTuple):
    """The bytes of an embedded document and what they are."""

    content: bytes
    content_type: str

    def attachment(self, title: str) -> Resource:
        """The FHIR Attachment that describes it; the bytes themselves go beside the resource."""
        sha1 = hashlib.sha1(self.content, usedforsecurity=False).digest()  # what FHIR R4 asks for
        told = {"contentType": self.content_type, "size": len(self.content), "hash": base64.b64encode(sha1).decode()}
        return told | ({"title": title} if title else {})


def is_document(obx: Segment) -> bool:
    """Whether an OBX holds a document, whatever type its OBX-2 claims."""
    return obx.code(2) == "ED" or (obx.text(5, 4).strip().lower() == "base64" and bool(obx.text(5, 5)))


def read_document(reading: Reading, obx: Segment) -> Document | None:
    """The document of an OBX; `None`, refused, where it cannot be decoded or is empty."""
    _, kind, subtype, encoding, content = [*obx.components(5), *[""] * 5][:5]
    decoded = _decoded(encoding, content)
    if not decoded:
        reading.refuse("OBX-5", "the document cannot be decoded, or is empty; send it whole, in base64")
        return None
    return Document(decoded, _content_type(reading, decoded, (subtype, kind)))


def _decoded(encoding: str, content: str) -> bytes:
    try:
        match encoding.strip().lower():
            case "base64":
                return base64.b64decode(content.translate(_WHITE), validate=True)
            case "hex":
                return bytes.fromhex(content)
            case "a":
                return content.encode()
    except ValueError:
        pass
    return b""


def _content_type(reading: Reading, content: bytes, claimed: tuple[str, str]) -> str:
    if content.startswith(_PDF):
        return _TYPES["PDF"]
    names = (name.rpartition("/")[2].strip().upper() for name in claimed)
    told = next((_TYPES[name] for name in names if name in _TYPES), _UNKNOWN)
    if told == _TYPES["PDF"]:
        reading.warn("OBX-5", "the document is said to be a PDF and is none; it is kept as bytes of no known type")
        return _UNKNOWN
    return told
