"""What a FHIR resource says, for whoever reads no FHIR: each element named in words, its codes by their texts. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, Final

from app.sharing.names import Names
from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.plain_time import plain_date, plain_time

Fact = tuple[str, str]
"""What an element is called, and its text."""

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?")  # FHIR date, dateTime
_CHOICE: Final = re.compile(
    r"(?<=[a-z])(CodeableConcept|Coding|Quantity|String|DateTime|Period|Integer|Decimal|Boolean|Range|Ratio|Age|Date"
    r"|Reference|Annotation)$"
)
_MACHINERY: Final = frozenset(
    {"resourceType", "id", "meta", "contained", "text", "subject", "patient", "link", "intent", "policyRule", "scope"}
)
_BESIDE: Final = frozenset({"use", "linkId", "rank", "preferred"})
"""What within an element is for programs."""
_CODES: Final = frozenset({"status", "docStatus", "lifecycleStatus", "criticality", "priority", "type"})
"""Elements of which the text is a code of FHIR's own."""

_WORDS: Final[Mapping[str, Mapping[str, str]]] = tomllib.loads(
    resources.files(__package__).joinpath("elements.toml").read_text(encoding="utf-8")
)
_PLACES: Final = {name: place for place, name in enumerate(_WORDS["names"])}


def facts(resource: Mapping[str, Any], names: Names) -> list[Fact]:
    """Every element that a reader can read, in the order in which they are read; organisations by their names."""
    told = [
        (_called(name), "; ".join(dict.fromkeys(_texts(value, names, name))))
        for name, value in sorted(resource.items(), key=lambda element: _PLACES.get(_stem(element[0]), len(_PLACES)))
        if name not in _MACHINERY and name != "extension"
    ]
    told += [
        (_WORDS["extensions"].get(end, _spaced(end)), "; ".join(_texts([extension], names)))
        for extension in resource.get("extension", ())
        if (end := extension["url"].rpartition("/")[2])
    ]
    return [(name, text) for name, text in told if text]


def _called(name: str) -> str:
    return _WORDS["names"].get(_stem(name)) or _spaced(_stem(name))


def _stem(name: str) -> str:
    """`onset` of `onsetDateTime`; an element that is known by its whole name keeps it."""
    return name if name in _WORDS["names"] else _CHOICE.sub("", name)


def _spaced(name: str) -> str:
    """`Discharge method` of `Extension-UKCore-DischargeMethod`, `Reason reference` of `reasonReference`."""
    name = re.sub(r"^([Ee]xtension-)?(UKCore-|\w+\.)?", "", name)
    spaced = re.sub(r"(?<=[a-z])([A-Z])", lambda letter: f" {letter[0].lower()}", name).replace("-", " ")
    return spaced[:1].upper() + spaced[1:]


def _texts(value: Any, names: Names, element: str = "") -> Iterator[str]:
    """What a reader can read of an element: the text of a code rather than the code, where it has one."""
    match value:
        case dict():
            yield from _of_a_type(value, names)
        case list():
            for each in value:
                yield from _texts(each, names, element)
        case bool():
            yield "yes" if value else "no"
        case None:
            return
        case str():
            yield _decoded(value) if element in _CODES else _spoken(value)
        case _:
            yield str(value)


def _of_a_type(value: dict[str, Any], names: Names) -> Iterator[str]:
    """The same of one of FHIR's data types, which its elements tell; of any other, of each of them."""
    match value:
        case {"linkId": str(link)}:
            inner = [*_texts(value.get("answer"), names), *_texts(value.get("item"), names)]
            yield ": ".join(filter(None, (value.get("text", _spaced(link)), "; ".join(inner))))
        case {"code": {}} if stated := _value(value):
            yield f"{'; '.join(_texts(value['code'], names))}: {'; '.join(_texts(stated, names))}"
        case {"identifier": {"system": str(system), "value": str(code)}} if (
            system == ODS_ORGANISATION and code in names.partners and value.get("display", code).endswith(code)
        ):
            yield names.partner(code)
        case {"text": str(text)} | {"display": str(text)} | {"title": str(text)}:
            yield names.told(text)
        case {"coding": [first, *_]}:
            yield from _texts(first, names)
        case {"system": str(), "code": str(code)} if "value" not in value:
            yield _decoded(code)
        case {"identifier": {"value": str(reference)}}:
            yield reference
        case {"family": _} | {"given": _}:
            yield " ".join([*value.get("prefix", ()), *value.get("given", ()), value.get("family", "")]).strip()
        case {"line": _} | {"postalCode": _}:
            yield ", ".join(
                [*value.get("line", ()), *(value[part] for part in ("city", "postalCode") if part in value)]
            )
        case {"system": "phone" | "email" | "sms" | "fax", "value": str(number), **told}:
            yield f"{number} ({told['use']})" if "use" in told else number
        case {"system": str(system), "value": str()} if system.endswith("/result"):
            return  # an adapter's own, of the report's number and the test's code
        case {"system": str(), "value": str(stated)}:
            yield stated
        case {"value": amount, **told} if told.keys() & {"unit", "comparator", "code"}:
            yield f"{told.get('comparator', '')}{amount} {told.get('unit', told.get('code', ''))}".strip()
        case {"low": _} | {"high": _}:
            yield _range(value, names)
            yield from _texts({name: each for name, each in value.items() if name not in ("low", "high")}, names)
        case {"numerator": one, "denominator": other}:
            yield " in ".join((*_texts(one, names), *_texts(other, names)))
        case {"start": str(start), "end": str(end)}:
            yield _spoken(start) if start == end else f"{_spoken(start)} to {_spoken(end)}"
        case {"start": str(start)}:
            yield f"from {_spoken(start)}"
        case {"end": str(end)}:
            yield f"until {_spoken(end)}"
        case {"url": _}:
            yield from _texts(_value(value), names)
        case {"reference": _}:
            return
        case _:
            beside = _BESIDE | {"status"} if value.keys() & {"actor", "location"} else _BESIDE
            for name, each in value.items():
                if name not in beside:
                    yield from _texts(each, names, name)


def _range(value: Mapping[str, Any], names: Names) -> str:
    low, high = ("".join(_texts(value.get(end), names)) for end in ("low", "high"))
    if low and high:
        return f"{low} to {high}"
    return f"{low} or more" if low else f"{high} or less"


def _value(element: Mapping[str, Any]) -> dict[str, Any]:
    """What it holds of FHIR's `value[x]`."""
    return {name: each for name, each in element.items() if name.startswith("value")}


def _spoken(text: str) -> str:
    if _INSTANT.fullmatch(text):
        return plain_time(text) if "T" in text else plain_date(text)
    return text


def _decoded(code: str) -> str:
    return _WORDS["codes"].get(code, code.replace("-", " "))
