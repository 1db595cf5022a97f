"""An agreement as a FHIR R5 Permission: https://hl7.org/fhir/R5/permission.html (R4 has no such resource).

Rules are combined as we combine them: any deny beats every permit (`deny-overrides`), and what no rule permits is
denied. `data.security` names labels: any of those of one system, together with any of each other system. What FHIR has
no element for, a rule's relationship, greatest age or trigger, stands in words in `data.expression`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from app.sharing.compile import version_of
from app.sharing.published.phrases import long
from app.sharing.published.words import Words, trigger_in_words
from app.sharing.written.document import Agreement, Grant, GuestProfile, Prohibition
from app.sharing.written.rules import Giving, granting_clauses
from app.vocabulary.category import CATEGORIES
from app.vocabulary.fhir_elements import reference
from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.label import Sensitivity
from app.vocabulary.london import london_midnight
from app.vocabulary.ods_code import OdsCode

_OURS: Final = "urn:pisano"
_STATUS: Final = {"in-force": "active"}  # FHIR knows no other of ours: the rest is draft to whoever carries it out

Resource = dict[str, Any]


def permission(agreement: Agreement) -> Resource:
    """The whole agreement as one Permission; its identity and hash are in `justification.evidence`."""
    return _Writer(agreement).permission()


class _Writer:
    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.clauses = Words(agreement)

    def permission(self) -> Resource:
        agreement, version = self.agreement, version_of(self.agreement)
        effective = agreement.effective
        return {
            "resourceType": "Permission",
            "id": agreement.isa,
            "contained": list(self._held()),
            "status": _STATUS.get(agreement.status, "draft"),
            "date": [f"{party.signed}" for party in agreement.parties if party.signed],
            "validity": {
                "start": london_midnight(effective.from_).isoformat(),
                "end": london_midnight(effective.to).isoformat(),
            },
            "justification": {
                "basis": [_basis(words) for words in self._bases()],
                "evidence": [{"identifier": {"system": f"{_OURS}:agreement", "value": str(version)}}],
            },
            "combining": "deny-overrides",
            "rule": [*self._permits(), *self._denies()],
        }

    def _bases(self) -> Iterator[str]:
        for terms in self.agreement.purposes.values():
            for basis in terms.bases:
                law = f"UK GDPR 6(1)({basis.art6}), 9(2)({basis.art9}); {basis.dpa18 or 'no DPA 2018 condition'}"
                yield f"{terms.title}: {law}; {basis.common_law}: {self.clauses.parties(basis.parties)}"

    def _held(self) -> Iterator[Resource]:
        """Each role at each party where it is held, for rules to refer to."""
        for role, held in self.agreement.roles.items():
            for code in sorted(self.agreement.organisations(held.at)):
                yield {
                    "resourceType": "PractitionerRole",
                    "id": _held_id(role, code),
                    "organization": reference(ODS_ORGANISATION, code),
                    "code": [{"coding": [_coding("role", role, held.title)]}],
                }

    def _permits(self) -> Iterator[Resource]:
        for _, clause in granting_clauses(self.agreement):
            actions = clause.actions if not isinstance(clause, GuestProfile) else ("read",)
            for purpose in clause.purposes:
                lawful = frozenset().union(
                    *(self.agreement.organisations(basis.parties) for basis in self.agreement.purposes[purpose].bases)
                )
                yield {
                    "id": f"{clause.id}-{purpose}",
                    "type": "permit",
                    "data": [self._data(clause, lawful)],
                    "activity": [
                        {
                            "actor": [{"reference": f"#{one}"} for one in self._actors(clause, lawful)],
                            "action": [{"coding": [_coding("action", action, action)]} for action in actions],
                            "purpose": [{"coding": [_coding("purpose", purpose, purpose)]}],
                        }
                    ],
                    **_limits(clause.obligations),
                }

    def _actors(self, clause: Giving, lawful: frozenset[OdsCode]) -> Iterator[str]:
        for role in clause.roles:
            held = self.agreement.organisations(self.agreement.roles[role].at)
            for code in sorted(lawful & held & self.agreement.organisations(clause.to)):
                yield _held_id(role, code)

    def _data(self, clause: Giving, lawful: frozenset[OdsCode]) -> Resource:
        labels = [
            *(_coding("category", each, each.heading) for each in sorted(self.agreement.expand(clause.categories))),
            *(_coding("sensitivity", each, each) for each in clause.sensitivities or self.agreement.ordinary),
            *(
                _coding("controller", each, each)
                for each in sorted(lawful & self.agreement.organisations(clause.from_))
            ),
        ]
        return {"security": labels, "expression": _in_words(self._condition(clause))}

    def _condition(self, clause: Giving) -> str:
        if isinstance(clause, Grant):
            kinds = clause.relationships or ()
            age = f"; no older than {long(clause.max_age)}" if clause.max_age else ""
            return f"a relationship covers the actor: {', '.join(kinds) or 'any that the purpose names'}{age}"
        if isinstance(clause, GuestProfile):
            return f"the actor accepted an invitation by the profile {clause.profile}, and the meeting is near"
        return f"the actor opened this one record in an emergency, less than {long(clause.lasts)} ago"

    def _denies(self) -> Iterator[Resource]:
        for prohibition in self.agreement.prohibitions:
            unless = sorted(prohibition.gives_way_to)
            words = trigger_in_words(prohibition.when) + (f"; not for {', '.join(unless)}" if unless else "")
            rule: Resource = {"id": prohibition.id, "type": "deny"}
            rule["limit"] = [{"coding": [_coding("notice", prohibition.notice, prohibition.notice)]}]
            rule["data"] = [{"security": list(self._withheld(prohibition)), "expression": _in_words(words)}]
            if prohibition.when.to:
                organisations = sorted(self.agreement.organisations(prohibition.when.to))
                rule["activity"] = [{"actor": [reference(ODS_ORGANISATION, each) for each in organisations]}]
            yield rule

    def _withheld(self, prohibition: Prohibition) -> Iterator[Resource]:
        """The labels; every heading where the clause narrows nothing, as a rule without data would say nothing."""
        when = prohibition.when
        categories = sorted(self.agreement.expand(when.category)) if when.category else CATEGORIES
        yield from (_coding("category", each, each.heading) for each in categories)
        yield from (_coding("sensitivity", each, each) for each in when.sensitivity or Sensitivity)
        if when.controller not in (None, "raised-by"):
            named = sorted(self.agreement.organisations(when.controller or ()))
            yield from (_coding("controller", each, each) for each in named)


def _held_id(role: str, code: str) -> str:
    return f"{role}-{code}"


def _coding(system: str, code: str, display: str) -> Resource:
    return {"system": f"{_OURS}:{system}", "code": str(code), "display": str(display)}


def _basis(words: str) -> Resource:
    return {"text": words}


def _in_words(condition: str) -> Resource:
    return {"language": "text/plain", "description": condition, "expression": condition}


def _limits(obligations: Iterable[str]) -> Resource:
    limits = [{"coding": [_coding("obligation", each, each)]} for each in obligations]
    return {"limit": limits} if limits else {}
