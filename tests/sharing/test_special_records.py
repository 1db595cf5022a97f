"""Special records: any of them together, before every role at every party, for every purpose and action."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from app.sharing.compile import compile_agreements
from app.sharing.decision import Decision
from app.sharing.facts import Flag, Invitation, PersonFacts, account_of
from app.sharing.law import Ask
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from tests.sharing.worlds import (
    DAY,
    HERS,
    HIS,
    HOUR,
    LAW,
    NOON,
    OBJECTION,
    World,
    changed,
    opening_by,
    related,
    someone,
    wulfrun,
)

ASKS: Final = sorted(ask for ask, terms in wulfrun.agreements.in_force(NOON).terms.items() if terms.grants)
SUSPENDED: Final = compile_agreements([changed(LAW, status="suspended")])
FEEDS: Final = sorted(LAW.organisations("all"))
SEVENTEEN, EIGHTEEN = datetime(2008, 11, 23, tzinfo=UTC), datetime(2008, 11, 22, tzinfo=UTC)

# What the agreement of Wulfrun says, written down again: `decide` must find it by itself.
NEVER: Final = {Sensitivity.BARRED, Sensitivity.SEALED, Sensitivity.SEXUAL_HEALTH}
HEARD_ALL_THE_SAME: Final = {"safeguarding", "access-review"}
IN_EMERGENCIES: Final = {
    "demographics", "contacts", "alerts", "problems", "medications", "allergies", "end-of-life", "contingency", "risks",
    "staff-safety",
}  # fmt: skip
TO_GUESTS: Final = {
    "WH100": {"demographics", "home", "tenancy", "homelessness", "tenancy-risk", "equipment", "actions"},
    "8A999": {"demographics", "about-me", "contacts", "care-team", "alerts", "problems", "medications", "allergies",
              "end-of-life", "actions"},
    "VCS01": {"demographics", "about-me", "requirements", "actions"},
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Special:
    """What is otherwise than usual about one person, and how whoever asks comes to them.

    A flag is named by the feed that raised it, a death by the days since; the rest holds or does not.
    """

    restricted: OdsCode | None = None
    sealed: OdsCode | None = None
    staff_or_vip: OdsCode | None = None
    born: datetime | None = None
    died: int | None = None
    own: bool = False
    objected: bool = False
    related: bool = True
    opened: bool = False
    invited: bool = False

    def before(self, ask: Ask) -> World:
        """Whoever asks so, before such a person."""
        requester = someone(ask.role, ask.organisation)
        kinds = sorted(LAW.relationships) if self.related else []
        meeting = {"started": NOON, "ended": NOON + HOUR, "accepted": True, "on_agenda": True}
        profiles = [guest.profile for guest in LAW.guests] if self.invited else []
        facts = PersonFacts(
            nhs_numbers=frozenset({HERS, HIS} if self.own else {HERS}),
            relationships=tuple(related(kind, ask.organisation) for kind in kinds),
            objections=(OBJECTION,) if self.objected else (),
            flags=tuple(self._flags()),
            openings=(opening_by(requester, NOON - HOUR / 2, NOON + HOUR / 2),) if self.opened else (),
            invitations=tuple(
                Invitation(id=profile, profile=profile, account=account_of(requester), organisation=ask.organisation,
                           **meeting)  # type: ignore[arg-type]
                for profile in profiles
            ),
        )  # fmt: skip
        return World(requester, facts, ask.action, ask.purpose)

    def _flags(self) -> Iterator[Flag]:
        if self.restricted:
            yield Flag(kind=FlagKind.LOCATION_RESTRICTED, partner=self.restricted, since=NOON - DAY)
        if self.sealed:
            yield Flag(kind=FlagKind.SEALED, partner=self.sealed, since=NOON - DAY)
        if self.staff_or_vip:
            yield Flag(kind=FlagKind.STAFF_OR_VIP, partner=self.staff_or_vip, since=NOON - DAY)
        if self.born:
            yield Flag(kind=FlagKind.CHILD, partner=FEEDS[0], since=self.born)
        if self.died is not None:
            yield Flag(kind=FlagKind.DECEASED, partner=FEEDS[0], since=NOON - self.died * DAY)


SPECIALS: Final = st.builds(
    Special,
    restricted=st.none() | st.sampled_from(FEEDS),
    sealed=st.sampled_from([None, None, None, *FEEDS]),
    staff_or_vip=st.none() | st.sampled_from(FEEDS),
    born=st.sampled_from([None, SEVENTEEN, EIGHTEEN]),
    died=st.sampled_from([None, None, 89, 90]),
    own=st.sampled_from([False, False, False, True]),
    objected=st.booleans(),
    related=st.booleans(),
    opened=st.booleans(),
    invited=st.booleans(),
)
FEW: Final = settings(max_examples=25)


def answers(special: Special) -> Iterator[tuple[Ask, Decision]]:
    return ((ask, special.before(ask).decide(wulfrun.agreements)) for ask in ASKS)


@given(SPECIALS)
@FEW
def test_any_special_record_before_everybody(special: Special) -> None:
    """Each line is one sentence of what the agreement and the law say, whatever else is special about the person."""
    for ask, decision in answers(special):
        shown = decision.permitted
        kinds = {label.sensitivity for label in shown}
        guarded = ask.purpose == "safeguarding"
        assert not kinds & NEVER
        assert not (special.restricted and Sensitivity.LOCATING in kinds)
        assert not (special.sealed and shown)
        assert not (special.own and shown)
        assert not (special.objected and ask.purpose not in HEARD_ALL_THE_SAME and shown)
        assert not (special.died == 90 and ask.purpose != "access-review" and shown)
        assert Sensitivity.DOMESTIC_ABUSE not in kinds or guarded
        if special.born == SEVENTEEN and not guarded:
            assert not {label.category for label in shown} & {"pregnancy", "formulation"}
            assert not (ask.organisation in ("WH100", "VCS01") and shown)
        if special.staff_or_vip and shown:
            assert {"reason", "alert-privacy-officer"} <= decision.obligations
        if not (special.related or special.opened or special.invited):
            assert decision.denied


@given(SPECIALS, st.sampled_from(["restricted", "sealed", "staff_or_vip", "born", "died", "own", "objected"]))
@FEW
def test_each_thing_that_is_special_only_ever_takes_away(special: Special, name: str) -> None:
    less = replace(special, **{name: getattr(Special(), name)})
    for (_, decision), (_, before) in zip(answers(special), answers(less), strict=True):
        assert not decision.mask & ~before.mask


@given(SPECIALS, st.sampled_from(FEEDS))
@FEW
def test_whichever_feed_restricts_a_location_it_is_hidden_in_the_entries_of_all(
    special: Special, feed: OdsCode
) -> None:
    one, other = replace(special, restricted=FEEDS[0]), replace(special, restricted=feed)
    assert [decision.mask for _, decision in answers(one)] == [decision.mask for _, decision in answers(other)]


@given(SPECIALS)
@FEW
def test_what_waits_for_a_day_changes_nothing_on_any_other(special: Special) -> None:
    grown, lately = replace(special, born=EIGHTEEN), replace(special, died=89)
    for changed_, as_if in ((grown, replace(special, born=None)), (lately, replace(special, died=None))):
        assert [one.mask for _, one in answers(changed_)] == [one.mask for _, one in answers(as_if)]


@given(SPECIALS)
@FEW
def test_emergency_access_adds_what_its_clause_gives_to_its_roles_and_nothing_else(special: Special) -> None:
    opened, closed = replace(special, opened=True), replace(special, opened=False)
    for (ask, decision), (_, without) in zip(answers(opened), answers(closed), strict=True):
        added = decision.permitted.keys() - without.permitted.keys()
        assert not added or (
            ask.role in ("gp", "acute-clinician") and (ask.purpose, ask.action) == ("direct-care", "read")
        )
        assert {label.category for label in added} <= IN_EMERGENCIES
        assert {label.sensitivity for label in added} <= {Sensitivity.NORMAL, Sensitivity.LOCATING}
        assert opened.before(ask).decide(SUSPENDED).denied


@given(SPECIALS)
@FEW
def test_a_guest_sees_by_the_invitation_what_its_profile_says_and_nothing_by_it_for_anything_else(
    special: Special,
) -> None:
    guest, nobody = (
        replace(special, invited=True, related=False, opened=False),
        replace(special, invited=False, related=False, opened=False),
    )
    for (ask, decision), (_, without) in zip(answers(guest), answers(nobody), strict=True):
        assert without.denied
        assert decision.denied or (ask.purpose, ask.action) == ("mdt", "read")
        assert {label.category for label in decision.permitted} <= TO_GUESTS.get(ask.organisation, set())
        assert decision.denied or ask.role in ("housing-officer", "mdt-guest")


def test_everything_that_is_special_is_met_and_something_is_seen() -> None:
    """Else the properties above would hold of nobody."""
    shown = {ask for ask, decision in answers(Special()) if not decision.denied}
    assert {ask.purpose for ask in shown} >= {"direct-care", "mdt", "safeguarding", "tenancy-support", "access-review"}
    assert any(not decision.denied for _, decision in answers(Special(related=False, opened=True)))
    assert any(not decision.denied for _, decision in answers(Special(related=False, invited=True)))
    for one in (
        Special(restricted=FEEDS[0]), Special(sealed=FEEDS[0]), Special(born=SEVENTEEN), Special(died=90),
        Special(own=True), Special(objected=True),
    ):  # fmt: skip
        assert [decision.mask for _, decision in answers(one)] != [decision.mask for _, decision in answers(Special())]
