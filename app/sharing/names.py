"""What partners, roles and purposes are called: the agreements name them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from app.sharing.law import Agreements


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
