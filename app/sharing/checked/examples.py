"""The examples of an agreement, executed: what its authors said of it is what it does."""

from datetime import datetime, timedelta
from functools import cached_property
from itertools import product
from typing import Final

from app.identity.requester import Requester
from app.sharing.compile import compile_agreements
from app.sharing.decide import decide
from app.sharing.decision import Decision
from app.sharing.facts import Account, EmergencyOpening, Flag, Invitation, Objection, PersonFacts, Relationship
from app.sharing.law import Agreements
from app.sharing.written.document import Agreement, Grant
from app.sharing.written.example import Example, ObjectionExample, Situation
from app.sharing.written.source import Source
from app.vocabulary.category import CATEGORIES, Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.london import london_date, london_midnight
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode

_SOMEONE: Final = Account("https://example.invalid", "example")
_TEAM: Final = "this team"
_NUMBER: Final = NHSNumber("9990000018")
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_LONG: Final = 3650 * _DAY  # a flag in an example has long been raised


class Rehearsal:
    """An agreement as it will be once it is in force, alone and beside another that grants everything."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement.model_copy(update={"status": "in-force"})
        self.alone = compile_agreements([self.agreement])

    @cached_property
    def beside_everything(self) -> Agreements:
        """What only prohibitions keep back."""
        return compile_agreements([self.agreement, _granting_everything(self.agreement)])

    def breaches(self, example: Example) -> list[Label | str]:
        """On which of the labels that an example asks about the decision is not what it expects.

        Where the viewer would be told otherwise than it says, the notice is among them, by its name.
        """
        decision = self.decision_of(example)
        agreement, see = self.agreement, example.see
        asked = product(
            sorted(agreement.organisations(see.from_)), sorted(agreement.expand(see.categories)), see.sensitivities
        )
        otherwise: list[Label | str] = [
            label
            for label in (Label(*parts) for parts in asked)
            if decision.permits(label, None) != (example.expect == "permit")
        ]
        told = "withheld" if decision.notices.withheld else "nothing"
        return otherwise if example.told in (None, told) else [*otherwise, "notices/withheld"]

    def decision_of(self, example: Example) -> Decision:
        """What is decided in an example, at noon on the day on which the agreement comes into force."""
        at = london_midnight(self.agreement.effective.from_) + _DAY / 2
        requester, facts = scene_of(example, self.agreement, at)
        agreements = self.beside_everything if example.granted else self.alone
        return decide(
            requester, action=example.action, purpose=example.purpose, facts=facts, agreements=agreements, at=at
        )


def _granting_everything(agreement: Agreement) -> Agreement:
    """The widest agreement of the same parties: no wider one could be written, and nothing in it forbids."""
    purposes = {
        purpose: terms.model_copy(
            update={
                "bases": (terms.bases[0].model_copy(update={"parties": "all"}),),
                "requires": ("relationship",),
                "relationships": tuple(agreement.relationships),
            }
        )
        for purpose, terms in agreement.purposes.items()
    }
    everything = Grant(
        id="G-EVERYTHING",
        reason="to tell what is forbidden whatever is granted",
        roles=tuple(agreement.roles),
        from_="all",
        purposes=tuple(purposes),
        actions=tuple(agreement.actions),
        categories=tuple(CATEGORIES),
        sensitivities=tuple(Sensitivity),
    )
    return agreement.model_copy(
        update={
            "isa": f"{agreement.isa}-everything",
            "purposes": purposes,
            "grants": (everything,),
            "prohibitions": (),
            "emergency_access": None,
            "guests": (),
        }
    )


def check_examples(agreement: Agreement, source: Source) -> None:
    """Note every example that the agreement does not keep, as it will be once it is in force."""
    rehearsal = Rehearsal(agreement)
    for n, example in enumerate(agreement.examples):
        wrong = rehearsal.breaches(example)
        if wrong:
            shown = ", ".join(map(str, wrong[:3])) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
            source.error(
                ("examples", n),
                f"the example does not hold: {example.says}; {shown}: mend the clauses, or the example",
            )


def scene_of(example: Example, agreement: Agreement, at: datetime) -> tuple[Requester, PersonFacts]:
    """The requester and the person that an example speaks of, at an instant."""
    requester = _requester(example, agreement, at)
    return requester, _facts(example.person, agreement, requester.organisation, at)


def _requester(example: Example, agreement: Agreement, at: datetime) -> Requester:
    return Requester(
        subject=_SOMEONE.subject,
        issuer=_SOMEONE.issuer,
        name="Example",
        organisation=_organisation(example.at, agreement),
        role=example.as_,
        teams=frozenset({_TEAM}),
        nhs_number=_NUMBER,
        training_until=london_date(at if example.person.training == "current" else at - _DAY),
    )


def _facts(person: Situation, agreement: Agreement, organisation: OdsCode, at: datetime) -> PersonFacts:
    kind, profile, objection = person.relationship, person.invitation, person.objection
    team = _TEAM if person.by_team else None
    return PersonFacts(
        nhs_numbers=frozenset({_NUMBER} if person.own_record else ()),
        relationships=(
            (Relationship(id=kind, kind=kind, organisation=organisation, started=at, team=team),) if kind else ()
        ),
        objections=(_objection(objection, agreement, at),) if objection else (),
        flags=tuple(
            Flag(kind=flag, partner=_organisation(party, agreement), since=at - _LONG)
            for flag, party in person.flags.items()
        ),
        openings=(_opening(organisation, at),) if person.opening else (),
        invitations=(_invitation(profile, organisation, at),) if profile else (),
    )


def _objection(objection: ObjectionExample, agreement: Agreement, at: datetime) -> Objection:
    return Objection(
        id="example",
        scope=objection.scope,
        upheld=True,
        started=at,
        category=Category(objection.category) if objection.category else None,
        organisation=_organisation(objection.party, agreement) if objection.party else None,
        account=_SOMEONE,
        meeting=_TEAM,
        team=_TEAM,
    )


def _organisation(party: str, agreement: Agreement) -> OdsCode:
    (organisation,) = agreement.organisations([party])
    return organisation


def _opening(organisation: OdsCode, at: datetime) -> EmergencyOpening:
    return EmergencyOpening(id="example", account=_SOMEONE, organisation=organisation, started=at, ended=at + _MINUTE)


def _invitation(profile: str, organisation: OdsCode, at: datetime) -> Invitation:
    return Invitation(
        id="example",
        profile=profile,
        account=_SOMEONE,
        organisation=organisation,
        started=at,
        ended=at + _MINUTE,
        accepted=True,
        on_agenda=True,
        meeting=f"{_TEAM}/{at.date()}",
    )
