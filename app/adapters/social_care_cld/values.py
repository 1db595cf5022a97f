"""What a coded field of Client Level Data means: `values.toml` beside this file holds the lists as facts.

Release 1 wordings are given their release 2 meaning; the text that a reader sees is always the one that was sent.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from app.adapters.delimited import spelling
from app.vocabulary.fhir_elements import codeable_concept
from app.vocabulary.label import Sensitivity

CODE_SYSTEM: Final = "https://pisano.example/fhir/CodeSystem/client-level-data-"
"""Followed by the field's name. The national return publishes its lists as documents, which have no addresses."""

_FACTS: Final[dict[str, Any]] = tomllib.loads(
    resources.files(__package__).joinpath("values.toml").read_text(encoding="utf-8")
)
_PLAIN: Final[dict[str, str]] = _FACTS.pop("plain")
_SENSITIVITY: Final[dict[str, str]] = _FACTS.pop("sensitivity")
NHS_ETHNIC_CATEGORY: Final[dict[str, str]] = _FACTS.pop("nhs_ethnic_category")
"""Codes of UKCore-EthnicCategoryEngland by the release 2 wording that means the same."""

LISTS: Final[dict[str, dict[str, list[str]]]] = _FACTS
_RELEASE_2: Final = {
    (field, spelling(wording)): wording_2
    for field, wordings in LISTS.items()
    for wording_2, wordings_1 in wordings.items()
    for wording in (wording_2, *wordings_1)
}
_PRECEDENCE: Final = {wording: place for place, wording in enumerate(LISTS["outcome"])}
_ABBREVIATION = re.compile("|".join(map(re.escape, _PLAIN)))


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one field; an empty one, which is false, where the field is empty.

    `code` is the release 2 wording where the value is listed, else what was sent; `part` stands for it in a key and
    `words` in a title. `precedence` is the published order of event outcomes, the first lowest.
    """

    code: str
    part: str
    words: str
    listed: bool
    sensitivity: Sensitivity | None
    precedence: int
    concept: dict[str, Any]

    def __bool__(self) -> bool:
        return bool(self.code)


@lru_cache(maxsize=1024)
def value(field: str, written: str) -> Value:
    """The meaning of what is written in a field of `EventRow`."""
    listed = _RELEASE_2.get((field, spelling(written)))
    code = listed or written
    sensitivity = _SENSITIVITY.get(f"{field}/{code}")
    return Value(
        code=code,
        part=spelling(code),
        words=_ABBREVIATION.sub(lambda found: _PLAIN[found[0]], written),
        listed=listed is not None,
        sensitivity=Sensitivity(sensitivity) if sensitivity else None,
        precedence=_PRECEDENCE.get(code, len(_PRECEDENCE)),
        concept=_concept(field, listed, written),
    )


def _concept(field: str, listed: str | None, written: str) -> dict[str, Any]:
    if not listed:
        return {"text": written}
    return codeable_concept(CODE_SYSTEM + field.replace("_", "-"), listed, listed, text=written)
