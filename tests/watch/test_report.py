"""One partner's week, as a Caldicott Guardian reads it."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import orjson
import pytest
from pypdf import PdfReader

from app.governance.alerts.store import Alert
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.watch.report import Report, report_of, untold
from app.watch.report_paper import as_json, as_pdf, as_text
from app.watch.sign import Sign
from app.watch.tally import Peers, Tally
from app.watch.week import NoSuchWeek, Week
from tests.watch.acts import COMMUNITY, ROLE, tally

WEEK = Week.read("2026-W24")
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
MONDAY = datetime(2026, 6, 8, 9, tzinfo=UTC)


def day(on: date, organisation: str = "RL4C", subject: str = "one", **counts: int) -> Tally:
    whole = tally(0, Account("https://sign-in.example", subject), **counts)
    peers = Peers(ROLE, OdsCode(organisation))
    return Tally(**{**{name: getattr(whole, name) for name in Tally.__slots__}, "on": on, "peers": peers})


def alert(kind: str = "neighbour", state: str = "raised", raised: datetime = MONDAY, **changes: Any) -> Alert:
    whole: dict[str, Any] = {
        "id": uuid4(), "kind": kind, "fact": f"watch/{kind}", "person_id": None, "issuer": "local", "subject": "nurse",
        "organisation": "RL4C", "raised": raised, "review_due": raised + timedelta(days=5), "state": state,
        "reviewed": None, "on": None, "evidence": None, **changes,
    }  # fmt: skip
    return Alert(**whole)


def report(tallies: list[Tally], *alerts: Alert) -> Report:
    return report_of(COMMUNITY, "Wulfrun Community Services", WEEK, tallies, alerts, at=AT)


def test_a_week_counts_its_own_days_and_the_mean_of_the_four_before() -> None:
    days = [day(date(2026, 6, 8), looks=10, openings=1), day(date(2026, 6, 14), subject="two", looks=5, refused=2)]
    earlier = [day(date(2026, 6, 7), looks=30), day(date(2026, 5, 30), looks=10)]
    told = report([*days, *earlier, day(date(2026, 6, 10), "RL4", looks=99)])
    assert told.use._asdict() == {"accounts": 2, "looks": 15, "refused": 2, "openings": 1, "searches": 0}
    assert told.earlier is not None
    assert told.earlier.looks == 20
    assert told.by_role == {"community-nurse": 15}


def test_each_alert_is_in_the_report_of_the_week_that_raised_it_and_in_no_other() -> None:
    sunday_night = datetime(2026, 6, 14, 22, 59, tzinfo=UTC)  # a minute before Monday in London
    of_week = [alert(), alert(raised=sunday_night), alert(raised=sunday_night + timedelta(minutes=1))]
    assert report([], *of_week).raised == 2
    after = report_of(COMMUNITY, "x", Week.of(WEEK.end), [], of_week, at=AT)
    assert after.raised == 1


def test_alerts_are_told_by_kind_and_outcome_and_another_partners_are_not() -> None:
    told = report(
        [], alert(), alert(state="false-alarm"), alert("self", "misuse"), alert("opening", "justified"),
        alert(organisation="RL4"),
    )  # fmt: skip
    lines = {line.kind: line for line in told.alerts}
    assert (lines["neighbour"].raised, lines["neighbour"].open, lines["neighbour"].false_alarm) == (2, 1, 1)
    assert (lines["self"].misuse, lines["opening"].justified, told.misuse) == (1, 1, 1)
    assert sum(line.raised for line in told.alerts) == 4


def test_reviews_that_are_overdue_are_told_however_old_they_are() -> None:
    told = report([], alert(raised=MONDAY - timedelta(days=90)), alert(), alert(raised=MONDAY + timedelta(days=3)))
    assert told.overdue == 2
    assert told.oldest_overdue == MONDAY - timedelta(days=85)
    assert "2 reviews overdue, the oldest since 15 March 2026" in as_text(told)


def test_no_small_number_of_other_partners_is_told() -> None:
    assert [untold(count) for count in range(7)] == [0, None, None, None, None, 5, 6]
    assert untold(1000) == 1000


def test_of_others_nothing_is_told_unless_there_are_three_of_them() -> None:
    on = date(2026, 6, 10)
    two = [day(on, code, looks=50) for code in ("RL4", "LA508")]
    assert report(two).elsewhere == {}
    three = report([*two, day(on, "RRE", looks=50, openings=2)], alert(organisation="RRE"))
    assert three.elsewhere["looks"] == 150
    assert (three.elsewhere["openings"], three.elsewhere["accounts"], three.elsewhere["alerts"]) == (None, None, None)
    assert "fewer than 5" in as_text(three)


def test_text_json_and_pdf_say_the_same() -> None:
    told = report([day(date(2026, 6, 10), looks=1234, openings=2)], alert(), alert("volume", "misuse"))
    said = orjson.loads(orjson.dumps(as_json(told)))
    assert (said["week"], said["partner"], said["use"]["looks"], said["misuse"]) == ("2026-W24", "RL4C", 1234, 1)
    paper = " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(as_pdf(told))).pages).split())
    for expected in ("Wulfrun Community Services", "1234", "Many more people than peers", "found to be misuse"):
        assert expected in as_text(told)
        assert expected in paper


def test_what_is_to_be_looked_at_at_once_is_counted_and_comes_first() -> None:
    waits = [alert("neighbour", evidence={"events": [], "figures": {}, "rank": "weekly", "lessened": "standing"})] * 3
    told = report([day(date(2026, 6, 10), looks=9)], *waits, alert("family", evidence={"figures": {}, "rank": "today"}))
    assert [(line.kind, line.raised, line.at_once) for line in told.alerts] == [("family", 1, 1), ("neighbour", 3, 0)]
    assert "4 alerts raised in the week, of which 1 to be looked at at once" in as_text(told)


def test_it_fits_two_pages_with_every_kind_of_alert() -> None:
    whole = report([day(date(2026, 6, 10), looks=9)], *(alert(sign) for sign in (*Sign, "opening", "claim")))
    assert len(PdfReader(BytesIO(as_pdf(whole))).pages) <= 2


@pytest.mark.parametrize("text", ["2026-47", "2026-W54", "2025-W53", "last week", "2026-W00"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(NoSuchWeek, match="2026-W47"):
        Week.read(text)


def test_a_week_is_written_as_it_is_read() -> None:
    assert str(Week.read("2026-W01")) == "2026-W01"
    assert Week.of(date(2026, 1, 1)) == Week.read("2026-W01") == Week(date(2025, 12, 29))
