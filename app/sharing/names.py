"""What partners, roles and purposes are called: the agreements name them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from app.sharing.law import Agreements

_CODE_AT_THE_END: Final = re.compile(r"(?:(?<=Registered with )GP practice |(?<=, ))(?P<code>[0-9A-Z]{3,8})$")


@dataclass(frozen=True, slots=True)
class Names:
    """By ODS code, by role, by purpose, by kind of relationship; whatever no agreement names is called by its code."""

    partners: Mapping[str, str]
    roles: Mapping[str, str]
    purposes: Mapping[str, str]
    relationships: Mapping[str, str] = field(default_factory=dict)

    def partner(self, code: str) -> str:
        """The name that a partner signed under."""
        return self.partners.get(code, code)

    def told(self, text: str) -> str:
        """What an adapter wrote, which knows organisations by their codes: a party's name for the code at its end.

        `ED, Wulfrun Hospitals` of `ED, RL4`; nothing else of it is touched, as a code may mean another thing there.
        """
        return _CODE_AT_THE_END.sub(lambda found: self.partners.get(found["code"], found[0]), text)

    def partners_of(self, sources: Iterable[Mapping[str, str]]) -> str:
        """The names of whoever states something, each once."""
        return ", ".join(sorted({self.partner(one["partner"]) for one in sources}))

    def role(self, code: str) -> str:
        """The title of a role."""
        return self.roles.get(code, code)

    def purpose(self, code: str) -> str:
        """The title of a purpose."""
        return self.purposes.get(code, code)

    def relationship(self, code: str) -> str:
        """What a kind of relationship means."""
        return self.relationships.get(code, code)


@lru_cache(maxsize=8)
def names_of(agreements: Agreements) -> Names:
    """The names that the place's agreements give."""
    documents = agreements.documents
    return Names(
        partners={str(party.ods): party.name for one in documents for party in one.parties},
        roles={str(role): terms.title for one in documents for role, terms in one.roles.items()},
        purposes={str(purpose): terms.title for one in documents for purpose, terms in one.purposes.items()},
        relationships={kind: title for one in documents for kind, title in one.relationships.items()},
    )
