"""One result (OBX): a FHIR Observation, with the sender's own digits and words in its title or its detail."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from app.adapters.acute_hl7v2.message.codes import Coded, stated, system_named
from app.adapters.acute_hl7v2.message.identifiers import digest
from app.adapters.acute_hl7v2.message.reading import Reading, below
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.elements import joined, local_identifier_system
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import codeable_concept, identifier, known
from app.vocabulary.fhir_systems import UCUM
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Resource, Standing

RESULTS: Final = Category("results")

_INTERPRETATIONS: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_FLAGS: Final = {  # HL7 table 0078
    "N": "normal", "A": "abnormal", "AA": "critically abnormal",
    "L": "low", "H": "high", "LL": "critically low", "HH": "critically high",
    "<": "below the scale", ">": "above the scale",
    "U": "significantly up", "D": "significantly down", "B": "better", "W": "worse",
    "S": "susceptible", "I": "intermediate", "R": "resistant",
}  # fmt: skip
_STATUSES: Final = {  # HL7 table 0085
    "F": "final", "U": "final", "C": "corrected", "P": "preliminary", "R": "preliminary", "S": "preliminary",
    "I": "registered", "X": "cancelled", "D": "entered-in-error", "W": "entered-in-error",
}  # fmt: skip
_WITHOUT_VALUE: Final = {"registered": "awaited", "cancelled": "cancelled", "entered-in-error": "withdrawn"}
NOT_FINAL: Final = {"preliminary": "preliminary", "partial": "partial", "corrected": "corrected", **_WITHOUT_VALUE}
"""What a reader who took a value for final would be misled by, in plain words."""
_VALUE_NOT_SENT_AGAIN: Final = "U"
_TEXTS: Final = frozenset(("TX", "FT", "ST"))
_NUMBER: Final = re.compile(r"\s*([<>]=?)?\s*([+-]?\d{1,15}(?:\.\d{1,15})?)\s*", re.ASCII)


@dataclass(slots=True)
class Result:
    """One OBX, the lines that go on with its text, and the comments on it; `copy` counts results of one name."""

    obx: Segment
    copy: int = 1
    more: list[Segment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> tuple[str, ...]:
        """What tells a result from the others of its report."""
        return (self.obx.code(3) or digest(self.obx.text(3, 2).casefold()), self.obx.code(4))

    def goes_on_with(self, obx: Segment) -> bool:
        """Whether an OBX of the same name is the next line of the same text."""
        return self.obx.code(2) in _TEXTS and obx.code(2) in _TEXTS

    def below(self, parent: str, part: str) -> str:
        """The key of the result below that of its report."""
        code, within = self.name
        return below(parent, part, code, *filter(None, (within,)), *([str(self.copy)] if self.copy > 1 else []))


class _Value(NamedTuple):
    """A value as FHIR, in its element, and as words."""

    element: str
    fhir: object
    words: str


def result_entry(
    reading: Reading, result: Result, obr: Segment, parent: str, sensitivity: Sensitivity, specimen: str = ""
) -> Entry | None:
    """The Observation of a result; `None`, refused, where it does not say what was observed."""
    obx = result.obx
    test = stated(reading, obx, 3)
    if test is None:
        reading.refuse("OBX-3", "the result does not say what was observed; send OBX-3")
        return None
    value = _value(reading, result)
    flag, flag_words = _flag(reading, obx)
    status = _status(reading, obx)
    at = reading.moment(obx, 14) or reading.moment(obr, 7)
    entry_key = result.below(parent, "result")
    resource = known(
        resourceType="Observation",
        identifier=[identifier(local_identifier_system(reading.partner, "result"), entry_key)],
        status=status,
        code=test.concept,
        effectiveDateTime=at and at.fhir,
        interpretation=[flag] if flag else None,
        method={"text": method} if (method := obx.text(17, 2) or obx.code(17)) else None,
        specimen={"display": specimen} if specimen else None,
        referenceRange=[{"text": obx.text(7)}] if obx.text(7) else None,
        note=[{"text": text} for text in result.notes],
    )
    if value:
        resource[value.element] = value.fhir
    return reading.entry(
        entry_key,
        RESULTS,
        resource,
        _title(test, value, flag_words, status),
        detail=_detail(obx, value, [specimen, *result.notes]),
        sensitivity=sensitivity,
        started=at and at.instant,
        ended=at and at.instant,
        standing=Standing.ENTERED_IN_ERROR if status == "entered-in-error" else Standing.CURRENT,
        keeps=_VALUE_ELEMENTS if obx.code(11) == _VALUE_NOT_SENT_AGAIN and not value else (),
    )


def _title(test: Coded, value: _Value | None, flag: str, status: str) -> str:
    said = value.words if value and value.element != "valueString" else ""
    told = said or ("" if value else _WITHOUT_VALUE.get(status, ""))
    words = NOT_FINAL.get(status, "")
    marks = joined(("" if flag == "normal" else flag, "" if words == told else words), ", ")
    return joined((test.words, told), ": ") + (f" ({marks})" if marks else "")


def _detail(obx: Segment, value: _Value | None, notes: list[str]) -> str:
    text = value.words if value and value.element == "valueString" else ""
    usual = obx.text(7).strip()
    return joined((text, usual and f"reference range {usual}", *notes), "; ")


def _status(reading: Reading, obx: Segment) -> str:
    code = obx.code(11)
    if code and code not in _STATUSES:
        reading.warn("OBX-11", "the status is not in HL7 table 0085; it is taken to be unknown")
    return _STATUSES.get(code, "unknown")


def _flag(reading: Reading, obx: Segment) -> tuple[Resource | None, str]:
    code = obx.code(8)
    if not code:
        return None, ""
    if code in _FLAGS:
        return codeable_concept(_INTERPRETATIONS, code, text=_FLAGS[code]), _FLAGS[code]
    reading.warn("OBX-8", "the flag is not in HL7 table 0078; it is kept as it stands")
    return codeable_concept(reading.code_system("OBX-8"), code, text=obx.text(8, 2) or code), obx.text(8, 2) or code


def _value(reading: Reading, result: Result) -> _Value | None:
    obx = result.obx
    if result.more or len(obx.repetitions(5)) > 1:
        return _text(*(line for one in (obx, *result.more) for line in _lines(one)))
    read = _READERS.get(obx.code(2))
    return (read and read(reading, obx)) or _text(*_lines(obx))


def _lines(obx: Segment) -> list[str]:
    return [joined(one, " ") for one in obx.repetitions(5)]


def _text(*lines: str) -> _Value | None:
    text = "\n".join(lines)
    return _Value("valueString", text, text) if text.strip() else None


def _quantity(obx: Segment, number: str, comparator: str = "") -> Resource:
    code = obx.code(6)
    is_ucum = system_named(obx.code(6, 3)) == UCUM
    return known(
        value=float(number) if "." in number else int(number),
        comparator=comparator,
        unit=_unit(obx),
        **(known(system=UCUM, code=code) if is_ucum else {}),
    )


def _measured(obx: Segment, words: str) -> str:
    return joined((words, _unit(obx)), " ")


def _unit(obx: Segment) -> str:
    return obx.code(6) or obx.text(6, 2)


def _numeric(_: Reading, obx: Segment) -> _Value | None:
    written = _NUMBER.fullmatch(obx.text(5))
    if not written:
        return None
    comparator, number = written[1] or "", written[2]
    return _Value("valueQuantity", _quantity(obx, number, comparator), _measured(obx, comparator + number))


def _structured(_: Reading, obx: Segment) -> _Value | None:
    """HL7 SN: `>^100`, `^10^-^20`, `^1^:^128`; `None` for what FHIR cannot say so."""
    comparator, first, separator, second = (one.strip() for one in [*obx.components(5), *[""] * 4][:4])
    words = _measured(obx, f"{comparator}{first}{separator}{second}")
    if not _NUMBER.fullmatch(first) or (second and not _NUMBER.fullmatch(second)):
        return None
    if comparator in ("", "=", "<", ">", "<=", ">=") and not separator:
        return _Value("valueQuantity", _quantity(obx, first, comparator.replace("=", "") and comparator), words)
    if separator == "-" and second and not comparator:
        return _Value("valueRange", {"low": _quantity(obx, first), "high": _quantity(obx, second)}, words)
    if separator in (":", "/") and second and not comparator:
        return _Value("valueRatio", {"numerator": _quantity(obx, first), "denominator": _quantity(obx, second)}, words)
    return None


def _coded(reading: Reading, obx: Segment) -> _Value | None:
    told = stated(reading, obx, 5)
    return _Value("valueCodeableConcept", told.concept, told.words) if told else None


def _time(reading: Reading, obx: Segment) -> _Value | None:
    at = reading.moment(obx, 5)
    return _Value("valueDateTime", at.fhir, at.fhir) if at else None


_READERS: Final[dict[str, Callable[[Reading, Segment], _Value | None]]] = {
    "NM": _numeric,
    "SN": _structured,
    "CE": _coded,
    "CWE": _coded,
    "CNE": _coded,
    "CF": _coded,
    "DT": _time,
    "TS": _time,
    "DTM": _time,
}
"""How a value is read by its OBX-2; what none of them can read is text."""

_VALUE_ELEMENTS: Final = (
    "valueQuantity", "valueString", "valueRange", "valueRatio", "valueCodeableConcept", "valueDateTime",
)  # fmt: skip
