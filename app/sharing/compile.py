"""Checked agreements become tables."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from operator import attrgetter
from typing import Any, Final, NamedTuple

from app.sharing.conditions import (
    Always,
    EmergencyGround,
    Flagged,
    Ground,
    InvitationGround,
    Objected,
    OwnRecord,
    RelationshipGround,
    Trigger,
)
from app.sharing.decision import AgreementVersion, Notices
from app.sharing.lattice import Lattice, lattice_of, union
from app.sharing.law import Agreements, Ask, Bars, CompiledGrant, CompiledProhibition, Conditions, Law, Terms
from app.sharing.written.document import (
    EMERGENCY_ACCESS,
    Agreement,
    EmergencyAccess,
    Grant,
    GuestProfile,
    NoticeTexts,
    Prohibition,
    When,
)
from app.vocabulary.flag import FlagKind
from app.vocabulary.london import london_midnight
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Action, Purpose

_NOT_AGREED: Final[Any] = {"status": True, "parties": {"__all__": {"signed"}}}

_Clause = Grant | EmergencyAccess | GuestProfile


class _Grounded(NamedTuple):
    """A grant for one ask, with what it asks of the requester."""

    ask: Ask
    conditions: Conditions
    grant: CompiledGrant


def compile_agreements(documents: Iterable[Agreement], *, lattice: Lattice | None = None) -> Agreements:
    """Compile checked agreements; their order makes no difference.

    `lattice` has to hold every party of theirs; it is made of them where none is given.
    """
    whole = tuple(sorted(documents, key=lambda document: (document.isa, document.version)))
    lattice = lattice or lattice_of(*sorted({party.ods for document in whole for party in document.parties}))
    compiled = [_Compiled(document, lattice) for document in whole if document.status == "in-force"]
    boundaries = sorted({instant for one in compiled for instant in (one.begins, one.ends)})
    beginnings = [datetime.min.replace(tzinfo=UTC), *boundaries]
    return Agreements(
        documents=whole,
        lattice=lattice,
        boundaries=tuple(boundaries),
        laws=tuple(_merge([one for one in compiled if one.begins <= at < one.ends], lattice) for at in beginnings),
        roles=frozenset(role for document in whole for role in document.roles),
        purposes=frozenset(purpose for document in whole for purpose in document.purposes),
        actions=frozenset(action for document in whole for action in document.actions),
    )


def version_of(agreement: Agreement) -> AgreementVersion:
    """Its identity, with the hash of what is agreed.

    Comments, spacing and the order of lists do not count; nor do its status and the dates of signatures, so that what
    is in force has the hash that was signed.
    """
    return AgreementVersion(agreement.isa, agreement.version, hashlib.sha256(canonical(agreement)).hexdigest())


def canonical(agreement: Agreement) -> bytes:
    """What is agreed as bytes: JSON with sorted keys and lists, without what is left out."""
    said = agreement.model_dump(mode="json", by_alias=True, exclude=_NOT_AGREED, exclude_none=True)
    return json.dumps(_sorted(said), sort_keys=True).encode()


def last_day(agreement: Agreement) -> date:
    """The first day on which it permits nothing any longer, in London: where its review is overdue, perhaps sooner."""
    if agreement.review and agreement.review.overdue == "suspend":
        return min(agreement.effective.to, agreement.review_by + timedelta(days=1))
    return agreement.effective.to


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(member) for key, member in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(member) for member in value), key=lambda member: json.dumps(member, sort_keys=True))
    return value


class _Compiled:
    """One agreement over the lattice."""

    def __init__(self, agreement: Agreement, lattice: Lattice) -> None:
        self.agreement = agreement
        self.lattice = lattice
        self.version = version_of(agreement)
        self.begins = london_midnight(agreement.effective.from_)
        self.ends = london_midnight(last_day(agreement))

    def grants(self) -> Iterator[_Grounded]:
        agreement = self.agreement
        for grant in agreement.grants:
            yield from self._spread(grant, grant.actions)
        if agreement.emergency_access:
            yield from self._spread(agreement.emergency_access, agreement.emergency_access.actions)
        for guest in agreement.guests:
            yield from self._spread(guest, (READ,))

    def _spread(self, clause: _Clause, actions: Iterable[Action]) -> Iterator[_Grounded]:
        for purpose in clause.purposes:
            lawful = self._parties_to(purpose)
            conditions = self._conditions(clause, purpose)
            grant = self._grant(clause, lawful & self.agreement.organisations(clause.from_))
            for role in clause.roles:
                held_at = self.agreement.organisations(self.agreement.roles[role].at)
                recipients = lawful & held_at & self.agreement.organisations(clause.to)
                for organisation, action in product(recipients, actions):
                    yield _Grounded(Ask(organisation, role, purpose, action), conditions, grant)

    def _parties_to(self, purpose: Purpose) -> frozenset[OdsCode]:
        """Those with a lawful basis for it: no other gives or receives anything."""
        bases = self.agreement.purposes[purpose].bases
        return frozenset().union(*(self.agreement.organisations(basis.parties) for basis in bases))

    def _conditions(self, clause: _Clause, purpose: Purpose) -> Conditions:
        terms = self.agreement.purposes[purpose]
        requires = clause.requires if isinstance(clause, EmergencyAccess) else terms.requires
        return Conditions(_ground(clause, terms.relationships), "training" in requires)

    def _grant(self, clause: _Clause, controllers: frozenset[OdsCode]) -> CompiledGrant:
        return CompiledGrant(
            clause=self._qualified(clause.id),
            mask=self.lattice.mask(
                controllers=controllers,
                categories=self.agreement.expand(clause.categories),
                sensitivities=clause.sensitivities or self.agreement.ordinary,
            ),
            max_age=clause.max_age if isinstance(clause, Grant) else None,
            obligations=frozenset(clause.obligations),
            is_emergency=isinstance(clause, EmergencyAccess),
        )

    def prohibitions(self, organisation: OdsCode, purpose: Purpose) -> Iterator[CompiledProhibition]:
        """Those that hold for a requester of this organisation with this purpose."""
        for prohibition in self.agreement.prohibitions:
            to = prohibition.when.to
            if purpose not in prohibition.gives_way_to and (
                to is None or organisation in self.agreement.organisations(to)
            ):
                yield self._prohibition(prohibition)

    def _prohibition(self, prohibition: Prohibition) -> CompiledProhibition:
        when = prohibition.when
        trigger = _trigger(when)
        named = None if when.controller in (None, "raised-by") else self.agreement.organisations(when.controller)
        return CompiledProhibition(
            clause=self._qualified(prohibition.id),
            mask=self.lattice.mask(
                controllers=named,
                categories=None if when.category is None else self.agreement.expand(when.category),
                sensitivities=when.sensitivity,
            ),
            trigger=trigger,
            waits_for=trigger.waits_for,
            generic_notice=prohibition.notice == "generic",
            yields_to_emergency=EMERGENCY_ACCESS in prohibition.gives_way_to,
        )

    def _qualified(self, clause: str) -> str:
        return f"{self.agreement.isa}/{clause}"


def _ground(clause: _Clause, kinds: Iterable[str]) -> Ground:
    if isinstance(clause, Grant):
        return RelationshipGround(frozenset(clause.relationships or kinds))
    if isinstance(clause, EmergencyAccess):
        return EmergencyGround(clause.lasts)
    return InvitationGround(clause.profile, clause.lead, clause.lag)


def _trigger(when: When) -> Trigger:
    if when.own_record:
        return OwnRecord()
    if when.objection:
        return Objected()
    if when.flag:
        return Flagged(when.flag, when.after or timedelta(), when.controller == "raised-by")
    return Always()


def _merge(compiled: list[_Compiled], lattice: Lattice) -> Law:
    grants: dict[Ask, list[_Grounded]] = {}
    for one in compiled:
        for grounded in one.grants():
            grants.setdefault(grounded.ask, []).append(grounded)
    texts = NoticeTexts.of(one.agreement.notices for one in compiled)
    terms: dict[Ask, Terms] = {}
    for (organisation, purpose), bars in _bars(compiled, lattice).items():
        nothing = _terms([], bars, lattice, texts)
        for role, action in product(_all(compiled, "roles"), _all(compiled, "actions")):
            ask = Ask(organisation, role, purpose, action)
            given = sorted(grants.get(ask, ()), key=attrgetter("grant.clause"))
            terms[ask] = _terms(given, bars, lattice, texts) if given else nothing
    return Law(
        agreements=tuple(one.version for one in compiled),
        terms=terms,
        obligations=frozenset(_obligations(compiled, "always")),
        obligations_by_flag={flag: frozenset(_obligations(compiled, flag)) for flag in FlagKind},
    )


def _all(compiled: list[_Compiled], words: str) -> set[Any]:
    return set().union(*(getattr(one.agreement, words) for one in compiled))


def _bars(compiled: list[_Compiled], lattice: Lattice) -> dict[tuple[OdsCode, Purpose], Bars]:
    bars = {}
    for organisation, purpose in product(lattice.controllers, _all(compiled, "purposes")):
        found = [prohibition for one in compiled for prohibition in one.prohibitions(organisation, purpose)]
        found.sort(key=attrgetter("clause"))
        always = tuple(each for each in found if isinstance(each.trigger, Always))
        bars[organisation, purpose] = Bars(
            always=always,
            always_clauses=tuple(each.clause for each in always),
            barred=union(each.mask for each in always),
            conditional=tuple(each for each in found if not isinstance(each.trigger, Always)),
        )
    return bars


def _terms(grounded: list[_Grounded], bars: Bars, lattice: Lattice, texts: NoticeTexts) -> Terms:
    grants: dict[Conditions, tuple[CompiledGrant, ...]] = {}
    for _, conditions, grant in grounded:
        grants[conditions] = (*grants.get(conditions, ()), grant)
    shown = lattice.categories_in(union(each.grant.mask for each in grounded if not each.grant.is_emergency))
    not_for_role = tuple(category for category in lattice.categories if category not in shown)
    return Terms(
        grants=grants,
        bars=bars,
        notices=Notices(texts.banner, not_for_role, role=texts.not_for_role),
        notices_with_withheld=Notices(texts.banner, not_for_role, texts.withheld, texts.not_for_role),
        emergency_access=any(each.grant.is_emergency for each in grounded),
    )


def _obligations(compiled: list[_Compiled], when: str) -> Iterator[str]:
    for one in compiled:
        for name, obligation in one.agreement.obligations.items():
            if obligation.when == when:
                yield name
