"""Who saw a person, as the person is told it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.audit.event import Kind
from app.audit.telling import Reading
from app.governance.oversight.looks import Discretion, Looks, looks
from app.governance.oversight.own_looks import own_terms
from app.sharing.compile import compile_agreements
from app.sharing.facts import PersonFacts
from app.sharing.names import names_of
from app.sharing.written.undertaking import OwnLooks
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.web.oversight.looks_in_words import TO_THEMSELVES, act, did, in_words
from tests.sharing.worlds import LAW, NOON, changed, flagged

AT = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)  # an hour before midnight in London
DISCRETION = Discretion.of([LAW])


def event(kind: Kind = Kind.VIEW, subject: str = "nurse", *labels: str, **said: Any) -> dict[str, Any]:
    return {
        "kind": str(kind),
        "id": subject,
        "at": AT.isoformat(),
        "issuer": "local",
        "subject": subject,
        "organisation": "RL4C",
        "role": "community-nurse",
        "purpose": "direct-care",
        "permitted": {"wulfrun/G-NURSE": list(labels)} if labels else {},
        **said,
    }


def told(*events: dict[str, Any], **more: Any) -> Looks:
    return looks(events, discretion=DISCRETION, grounds={"relationship/7": "caseload"}, **more)


def test_looks_of_one_day_role_and_purpose_are_told_together_with_the_parts_and_the_ground() -> None:
    first = event(Kind.VIEW, "nurse", "RL4/medications/normal", relied_on=["relationship/7"], request="a")
    second = event(Kind.FIND, "other", "RL4/demographics/normal", request="b")
    (look,) = told(first, second).told
    assert (look.on, look.role, look.organisation, look.purpose) == (
        date(2026, 6, 1), "community-nurse", "RL4C", "direct-care")  # fmt: skip
    assert (look.headings, look.grounds) == (("demographics", "medications"), ("caseload",))
    assert (look.people, look.times, look.accounts) == (2, 2, ())


def test_the_day_is_londons() -> None:
    late = event(at=datetime(2026, 6, 1, 23, 30, tzinfo=UTC).isoformat())
    assert [one.on for one in told(event(), late).told] == [date(2026, 6, 2), date(2026, 6, 1)]


def test_staff_are_named_only_where_the_agreement_says_so() -> None:
    assert told(event()).told[0].accounts == ()
    assert [one.subject for one in told(event(), named=True).told[0].accounts] == ["nurse"]


def test_refusals_are_counted_and_nothing_else_of_them_is_told() -> None:
    refused = [event(Kind.DENIED, "stranger"), event(Kind.INDETERMINATE_ALARM, "stranger")]
    assert told(*refused) == Looks(told=(), held_back=(), refused=2)


@pytest.mark.parametrize(
    "guarded",
    [
        event(purpose="safeguarding"),
        *(event(Kind.VIEW, "nurse", f"RL4/alerts/{one}") for one in Sensitivity if one not in LAW.ordinary),
    ],
)
def test_what_could_endanger_somebody_is_held_back_until_it_is_weighed(guarded: dict[str, Any]) -> None:
    found = told(event(), guarded)
    assert (len(found.told), len(found.held_back)) == (1, 1)
    assert found.told == told(event()).told


def test_of_a_look_at_much_only_what_is_guarded_is_held_back() -> None:
    found = told(event(Kind.VIEW, "nurse", "RL4/medications/normal", "LA508/safeguarding/restricted"))
    assert [one.headings for one in found.told] == [("medications",)]
    assert [one.headings for one in found.held_back] == [("safeguarding",)]


def test_without_an_agreement_nothing_is_ordinary() -> None:
    found = looks([event(Kind.VIEW, "nurse", "RL4/alerts/normal")], discretion=Discretion.of([]), grounds={})
    assert found.told == ()


def test_how_records_were_joined_is_no_look() -> None:
    assert told(event(Kind.MERGE), event(Kind.SIGNED_IN)).told == ()


def test_whoever_opened_nothing_is_not_said_to_have_looked() -> None:
    (opened_nothing,) = told(event()).told
    (looked,) = told(event(), event(Kind.VIEW, "nurse", "RL4/alerts/normal"), event(Kind.EXPORT)).told
    assert did(opened_nothing) == "Checked whether they may look, and opened nothing"
    assert did(looked) == "Looked at the record and took a copy"


def test_by_what_right_is_told_in_the_words_of_the_agreement() -> None:
    grounds = {"relationship/7": "caseload", "opening/1": "opening"}
    seen = event(Kind.VIEW, "nurse", "RL4/alerts/normal", relied_on=["relationship/7", "opening/1"])
    found = looks([seen], discretion=DISCRETION, grounds=grounds)
    law = compile_agreements([LAW])
    (told_as,) = in_words(found.told, names_of(law), law)
    assert told_as.grounds == ("On the caseload of a team", "Emergency access, with a reason that is reviewed")
    assert (told_as.who, told_as.why) == ("Community nurse, Wulfrun Community Services", "Individual care")


# ── What a person reads by themselves ────────────────────────────────────────────────────────────────────────────────

OTHER = changed(
    LAW,
    isa="other",
    audit=changed(
        LAW.audit,  # type: ignore[type-var]
        themselves=OwnLooks(says="Ask the practice.", kept_back=("safeguarding", "legal"), told_despite=("dissent",)),
    ),
)


def test_a_person_is_told_what_the_agreement_says_that_they_are() -> None:
    terms = own_terms([LAW])
    assert terms
    assert terms.kept_back == {"child-protection", "safeguarding", "risks", "staff-safety"}
    told = {kind for kind in FlagKind if terms.tell(PersonFacts(flags=flagged(kind)), NOON)}
    assert told == {FlagKind.DISSENT, FlagKind.STAFF_OR_VIP}
    assert not terms.tell(PersonFacts(flags=flagged("of a kind that nobody knows")), NOON)


def test_of_several_agreements_whatever_one_keeps_back_is_kept_back() -> None:
    terms, law = own_terms([LAW, OTHER]), own_terms([LAW])
    assert terms
    assert law
    assert terms.says == (*law.says, "Ask the practice.")
    assert terms.kept_back == {"child-protection", "safeguarding", "risks", "staff-safety", "legal"}
    assert terms.despite == {"dissent"}


def test_where_an_agreement_says_nothing_of_it_nobody_is_told_anything() -> None:
    silent = changed(OTHER, audit=changed(LAW.audit, themselves=None))  # type: ignore[type-var]
    assert own_terms([]) is None
    assert own_terms([silent]) is None
    assert own_terms([LAW, silent]) is None


def test_what_the_person_reads_says_you_and_your() -> None:
    seen = event(Kind.VIEW, "nurse", "RL4/alerts/normal")
    law = compile_agreements([LAW])
    met = told(seen, event(Kind.MEETING, "nurse", relied_on=[])).told
    (one,) = in_words(met, names_of(law), law, voice=TO_THEMSELVES)
    assert one.did.startswith("Looked at your record and prepared, held or followed up a team meeting about you")


@pytest.mark.parametrize("reading", Reading)
def test_whatever_was_read_of_looks_is_told_in_words_of_its_own(reading: Reading) -> None:
    words = [act(Kind.AUDIT_READ, each) for each in Reading]
    assert words.count(act(Kind.AUDIT_READ, reading)) == 1
    assert act(Kind.AUDIT_READ, reading) != act(Kind.AUDIT_READ, "something else")


def test_whose_weekly_report_was_read_leaves_the_words_as_they_are() -> None:
    assert act(Kind.AUDIT_READ, "weekly-report/WH100") == "Read a partner's weekly report"
