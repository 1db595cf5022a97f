"""Who saw a person, as the person is told it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.audit.event import Kind
from app.governance.oversight.looks import Discretion, Looks, looks
from app.sharing.compile import compile_agreements
from app.sharing.names import names_of
from app.vocabulary.label import Sensitivity
from app.web.oversight.looks_in_words import did, in_words
from tests.sharing.worlds import LAW

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
