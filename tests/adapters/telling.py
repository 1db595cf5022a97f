"""What adapters say of the samples, laid out to be read: `python -m tests.adapters.telling` writes it anew.

Read each line that changes: it is what somebody will be shown of a person, or kept from seeing.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from app.adapters import acute_hl7v2, caseload, fhir_bundle, risk_scores, social_care_cld, social_care_safeguarding
from app.profiles.definitions import FOLDER
from app.profiles.strict_json import read_json
from app.record.kept.json_text import dumps
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Sender, Utterance
from tests.adapters import acute_feed, housing_feed, mhsds_extract, social_care_extract
from tests.adapters.heard import Heard
from tests.adapters.test_caseload import HEADINGS, IVY
from tests.adapters.test_nothing_is_dropped import FULL
from tests.adapters.test_risk_scores import SAMPLE as SCORES
from tests.adapters.test_social_care_safeguarding import MAPPED
from tests.fhir.pushing.sender import bundle, post

TOLD: Final = Path(__file__).parent / "samples_tell"
PRACTICE: Final = Sender(partner=OdsCode("M92001"))
COUNCIL: Final = Sender(partner=social_care_extract.COUNCIL)
EXAMPLES: Final = FOLDER / "examples"


Said = Callable[[], Iterable[Utterance]]


def _files(kind: str, folder: Path, hear: Callable[[str], Heard]) -> dict[str, Said]:
    def of(name: str) -> Said:
        return lambda: hear(name).utterances

    return {f"{kind}-{path.stem}": of(path.name) for path in sorted(folder.iterdir())}


def _read(adapter: Any, sender: Sender, content: bytes) -> Said:
    return lambda: adapter.read(io.BytesIO(content), sender)


def _examples() -> bytes:
    """The example of every profile, pushed by one partner."""
    return dumps(bundle("transaction", *(post(read_json(path.read_bytes())) for path in sorted(EXAMPLES.iterdir()))))


def samples() -> dict[str, Said]:
    """How what is said of each sample is heard."""
    cases = Sender(partner=COUNCIL.partner, columns=MAPPED)
    folder = social_care_extract.SAMPLES
    return {
        **_files("acute", acute_feed.SAMPLES, acute_feed.hear_sample),
        **{f"acute-whole-{kind.lower()}": _read(acute_hl7v2.ADAPTER, acute_feed.TRUST, text.encode())
           for kind, text in FULL.items()},
        **_files("housing", housing_feed.SAMPLES, housing_feed.hear_sample),
        "mental-health": lambda: mhsds_extract.read(mhsds_extract.sample()),
        **{f"social-care-{name}": _read(social_care_cld.ADAPTER, COUNCIL, (folder / f"{name}.csv").read_bytes())
           for name in ("release_1", "release_2")},
        "safeguarding": _read(social_care_safeguarding.ADAPTER, cases, (folder / "safeguarding.csv").read_bytes()),
        "risk-scores": _read(risk_scores.ADAPTER, PRACTICE, SCORES.encode()),
        "caseload": _read(caseload.ADAPTER, PRACTICE, (HEADINGS + IVY).encode()),
        "fhir-examples": _read(fhir_bundle.ADAPTER, PRACTICE, _examples()),
    }  # fmt: skip


def told(said: Said) -> str:
    """All that is said, a line for each thing, without what says no more than its default."""
    return "".join(f"{line}\n" for one in said() for line in _lines(type(one).__name__, one, ""))


def _lines(name: str, value: Any, indent: str) -> Iterator[str]:
    if is_dataclass(value) and not isinstance(value, NHSNumber):
        yield f"{indent}{name}"
        given = [(one.name, getattr(value, one.name), one.default) for one in fields(value)]
        for part, of_it in [(part, of_it) for part, of_it, default in given if of_it != default]:
            if part == "derived_from" and of_it:  # resources that stand here as entries of their own
                yield f"{indent}  derived_from: {len(of_it)}"
            elif part == "resource":
                yield from (f"{indent}    {element}: {_words(one)}" for element, one in of_it.items())
            else:
                yield from _lines(part, of_it, f"{indent}  ")
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        for one in value:
            yield from _lines(name, one, indent)
    else:
        yield f"{indent}{name}: {_words(value)}"


def _words(value: Any) -> str:
    if isinstance(value, str) and "\n" not in value:
        return value
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    match value:
        case NHSNumber():
            return value.digits
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return value.decode("latin-1")
        case Decimal():
            return f"{value} as written"
    raise TypeError(type(value))


if __name__ == "__main__":
    for old in TOLD.glob("*.txt"):
        old.unlink()
    for name, said in samples().items():
        (TOLD / f"{name}.txt").write_text(told(said), encoding="utf-8")
