"""Requesters and people of every kind, for properties; and the few that tests name."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from pydantic import BaseModel

from app.identity.requester import Requester
from app.settings import ROOT
from app.sharing.checked.agreement import read_text
from app.sharing.compile import compile_agreements
from app.sharing.decide import decide
from app.sharing.decision import Decision
from app.sharing.facts import (
    Account,
    EmergencyOpening,
    Flag,
    Invitation,
    Objection,
    ObjectionScope,
    PersonFacts,
    Relationship,
    account_of,
)
from app.sharing.law import Agreements, Ask
from app.sharing.written.document import Agreement
from app.vocabulary.category import CATEGORIES
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Action, Purpose, Role
from tests.sharing.reference import Question, read

WULFRUN = ROOT / "isa/wulfrun.yaml"
CORNER = Path(__file__).parent / "samples/corner.yaml"

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
T = TypeVar("T")
Part = TypeVar("Part", bound=BaseModel)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HERS, HIS = NHSNumber("9990000018"), NHSNumber("9990000026")


def agreement_at(path: Path) -> Agreement:
    """An agreement that must be without fault."""
    source, agreement = read_text(path.read_bytes(), path.name)
    assert agreement is not None, source.findings
    assert not source.findings
    return agreement


@dataclass(frozen=True)
class Place:
    """Agreements in both forms: as the engine reads them and as the reference does."""

    agreements: Agreements
    documents: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, *paths: Path) -> "Place":
        return cls(compile_agreements(map(agreement_at, paths)), tuple(map(read, paths)))


wulfrun = Place.of(WULFRUN)
corner = Place.of(CORNER)


@dataclass(frozen=True)
class World:
    """One requester before one person, for one purpose, at one instant."""

    requester: Requester
    facts: PersonFacts
    action: Action
    purpose: Purpose
    at: datetime = NOON

    def decide(self, agreements: Agreements) -> Decision:
        return decide(
            self.requester,
            action=self.action,
            purpose=self.purpose,
            facts=self.facts,
            agreements=agreements,
            at=self.at,
        )

    def question(self, place: Place) -> Question:
        return Question(place.documents, self.requester, self.action, self.purpose, self.facts, self.at)

    def knowing(self, **facts: Any) -> "World":
        """The same, but for some facts."""
        return replace(self, facts=replace(self.facts, **facts))


def someone(role: str, organisation: str, **attributes: Any) -> Requester:
    """A requester who is trained."""
    trained = Requester(
        subject="someone",
        issuer="https://sign-in.example",
        name="Someone",
        organisation=OdsCode(organisation),
        role=Role(role),
        training_until=date(2027, 3, 31),
        nhs_number=HIS,
    )
    return replace(trained, **attributes)


def related(kind: str, organisation: str, **attributes: Any) -> Relationship:
    """A relationship that holds at noon."""
    holding = Relationship(id=kind, kind=kind, organisation=OdsCode(organisation), started=NOON - DAY)
    return replace(holding, **attributes)


def worlds(agreement: Agreement) -> st.SearchStrategy[World]:
    """Worlds in which about half of the askers have all that they need, and edges fall on the instant asked about."""
    terms = compile_agreements([agreement]).in_force(NOON).terms
    giving = sorted(ask for ask, each in terms.items() if each.grants)
    return st.builds(
        _world,
        st.just(agreement),
        _mostly(st.sampled_from(giving), st.sampled_from(sorted(terms))),
        _requesters(),
        _facts(agreement),
        _mostly(st.integers(0, 9), st.none()),
    )


def _mostly(likely: st.SearchStrategy[T], other: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    return st.sampled_from([True, True, True, True, False]).flatmap(lambda usual: likely if usual else other)


def _world(agreement: Agreement, ask: Ask, requester: Requester, facts: PersonFacts, suited: int | None) -> World:
    """Most that is known of the person concerns the requester, and with `suited` one relationship does for the ask."""
    requester = replace(requester, organisation=ask.organisation, role=ask.role)
    here: dict[str, Any] = {"organisation": ask.organisation}
    mine = here | {"account": account_of(requester)}
    relationships = _first(facts.relationships, 2, here)
    if suited is not None:
        kinds = agreement.purposes[ask.purpose].relationships
        relationships += (related(kinds[suited % len(kinds)], ask.organisation, id="suited"),)
    facts = replace(
        facts,
        relationships=relationships,
        openings=_first(facts.openings, 1, mine),
        invitations=_first(facts.invitations, 2, mine),
    )
    return World(requester, facts, ask.action, ask.purpose)


def _first(facts: tuple[Any, ...], count: int, attributes: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(replace(fact, **attributes) for fact in facts[:count]) + facts[count:]


_INSTANTS = st.sampled_from(
    [NOON - 91 * DAY, NOON - 90 * DAY, NOON - HOUR, NOON - HOUR / 2, NOON, NOON + HOUR / 4, NOON + HOUR]
)
_BIRTHS = st.sampled_from([datetime(2008, 11, 22, tzinfo=UTC), datetime(2008, 11, 23, tzinfo=UTC)])  # 18, and not yet
_OVER = st.sampled_from([None, None, NOON - HOUR, NOON, NOON + HOUR])
_MEETINGS = ["north/2026-11-22", "north/2026-12-06", "northern/2026-11-22"]
_ACCOUNTS = [Account("https://sign-in.example", "someone"), Account("https://other.example", "someone")]


def _requesters() -> st.SearchStrategy[Requester]:
    days = [date(2027, 1, 1), date(2026, 11, 22), date(2026, 11, 21), None]
    return st.builds(
        someone,
        st.just("nobody"),
        st.just("XX"),
        teams=st.sampled_from([frozenset(), frozenset({"north"})]),
        training_until=_mostly(st.just(days[0]), st.sampled_from(days)),
        nhs_number=st.sampled_from([None, HIS]),
    )


def _organisations(agreement: Agreement) -> st.SearchStrategy[OdsCode]:
    return st.sampled_from(sorted(agreement.organisations("all")))


def _facts(agreement: Agreement) -> st.SearchStrategy[PersonFacts]:
    organisations, none = _organisations(agreement), st.just(())
    relationships = st.builds(
        Relationship,
        id=st.uuids().map(str),
        kind=st.sampled_from(sorted(agreement.relationships)),
        organisation=organisations,
        started=_INSTANTS,
        ended=_OVER,
        revoked=st.sampled_from([None, None, None, NOON - HOUR, NOON, NOON + HOUR]),
        team=st.sampled_from([None, None, None, "north", "south"]),
        account=st.sampled_from([None, None, None, *_ACCOUNTS]),
    )
    flags = st.builds(Flag, kind=st.sampled_from(FlagKind), partner=organisations, since=_INSTANTS | _BIRTHS)
    begun, to_come, yes = _mostly(st.just(NOON), _INSTANTS), _mostly(st.just(NOON + HOUR), _INSTANTS), st.just(True)
    openings = st.builds(
        EmergencyOpening,
        id=st.uuids().map(str),
        account=st.sampled_from(_ACCOUNTS),
        organisation=organisations,
        started=begun,
        ended=to_come,
    )
    invitations = st.builds(
        Invitation,
        id=st.uuids().map(str),
        profile=st.sampled_from([guest.profile for guest in agreement.guests]),
        account=st.sampled_from(_ACCOUNTS),
        organisation=organisations,
        started=begun,
        ended=to_come,
        accepted=_mostly(yes, st.booleans()),
        on_agenda=_mostly(yes, st.booleans()),
        meeting=st.sampled_from(_MEETINGS),
    )
    return st.builds(
        PersonFacts,
        nhs_numbers=_mostly(st.just(frozenset({HERS})), st.just(frozenset({HERS, HIS}))),
        relationships=st.lists(relationships, max_size=4).map(tuple),
        objections=_mostly(none, st.lists(_objections(agreement), min_size=1, max_size=2).map(tuple)),
        flags=_mostly(none, st.lists(flags, min_size=1, max_size=3, unique_by=lambda flag: flag.id).map(tuple)),
        openings=st.lists(openings, min_size=1, max_size=2).map(tuple),
        invitations=st.lists(invitations, min_size=1, max_size=3).map(tuple),
    )


def _objections(agreement: Agreement) -> st.SearchStrategy[Objection]:
    return st.builds(
        Objection,
        id=st.uuids().map(str),
        scope=st.sampled_from(ObjectionScope),
        upheld=st.booleans(),
        started=_INSTANTS,
        ended=_OVER,
        category=st.sampled_from(CATEGORIES),
        organisation=_organisations(agreement),
        account=st.sampled_from(_ACCOUNTS),
        meeting=st.sampled_from(["north", "south", *_MEETINGS]),
        team=st.sampled_from([None, "north", "south"]),
    )


_LIKELY = [*Sensitivity, Sensitivity.NORMAL, Sensitivity.NORMAL, Sensitivity.NORMAL, Sensitivity.LOCATING]


def labels(agreement: Agreement) -> st.SearchStrategy[Label]:
    """Any label of an agreement's partners."""
    return st.builds(Label, _organisations(agreement), st.sampled_from(CATEGORIES), st.sampled_from(_LIKELY))


LAW = wulfrun.agreements.documents[0]
any_world, any_label = worlds(LAW), labels(LAW)

NURSE = someone("community-nurse", "RL4C")
ON_CASELOAD = PersonFacts(nhs_numbers=frozenset({HERS}), relationships=(related("caseload", "RL4C"),))
NURSE_AND_HER_PATIENT = World(NURSE, ON_CASELOAD, READ, Purpose("direct-care"))

DOCTOR = someone("acute-clinician", "RL4")
OBJECTION = Objection(id="1", scope="all", upheld=True, started=NOON - DAY)


def opening_by(requester: Requester, started: datetime, ended: datetime) -> EmergencyOpening:
    """An opening of emergency access."""
    return EmergencyOpening(
        id="1", account=account_of(requester), organisation=requester.organisation, started=started, ended=ended
    )


def opened(started: datetime, ended: datetime) -> World:
    """The doctor who opened a record in an emergency."""
    return World(DOCTOR, PersonFacts(openings=(opening_by(DOCTOR, started, ended),)), READ, Purpose("direct-care"))


def flagged(*kinds: str, by: str = "RL4") -> tuple[Flag, ...]:
    """Flags that have long been raised."""
    return tuple(Flag(kind=kind, partner=OdsCode(by), since=NOON - 91 * DAY) for kind in kinds)


def changed(part: Part, **parts: object) -> Part:
    """The same agreement, or part of one, with other parts, unchecked."""
    return part.model_copy(update=parts)
