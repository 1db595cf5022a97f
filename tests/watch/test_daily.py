"""Watching a place day after day: what is raised, that it is raised once, and what the trail is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind
from app.audit.trail import record
from app.database.transactions import transaction
from app.governance.alerts.retention import first_alerts_kept
from app.governance.alerts.store import alert_steps, alerts, put_alert_step
from app.sharing.compile import compile_agreements
from app.sharing.facts import Account
from app.sharing.written.document import Agreement
from app.sharing.written.duration import Duration
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role
from app.watch import store
from app.watch.daily import BY, Watching, watch
from app.watch.known import Duty
from app.watch.store import StaffMember
from tests.conftest import the_agreements
from tests.sharing.worlds import LAW, changed

KEY = ChainKey(b"k" * 32)
WATCHING = Watching(agreements=the_agreements(), key=KEY, new_id=uuid4)
COMMUNITY, NURSE = OdsCode("RL4C"), Account("https://sign-in.example", "nurse.7")
NINE = datetime(2026, 6, 10, 8, tzinfo=UTC)
ON, NIGHT_AFTER = date(2026, 6, 10), datetime(2026, 6, 11, 2, tzinfo=UTC)
OWN, NEIGHBOUR = UUID(int=1, version=4), UUID(int=2, version=4)
NUMBERS = {OWN: "9990000018", NEIGHBOUR: "9990000026"}


@pytest.fixture
def place(engine: Engine) -> Engine:
    """A nurse who lives beside somebody with whom her organisation has nothing to do."""
    with transaction(engine) as connection:
        for person, number in NUMBERS.items():
            connection.execute(text("INSERT INTO person (id, created_at) VALUES (:id, now())"), {"id": person})
            connection.execute(
                text("INSERT INTO person_nhs_number VALUES (:number, :id, now())"), {"id": person, "number": number}
            )
            connection.execute(
                text(
                    "INSERT INTO person_identity (person_id, partner, family_folded, postcode, recorded_at)"
                    " VALUES (:id, 'RL4', :family, 'WV1 1AA', now())"
                ),
                {"id": person, "family": f"family{number}"},
            )
        store.put_staff(connection, [StaffMember(NURSE, COMMUNITY, NHSNumber(NUMBERS[OWN]))])
    return engine


def seen(person: UUID | None, at: datetime, kind: Kind = Kind.VIEW, **changes: Any) -> Event:
    given: dict[str, Any] = {"organisation": COMMUNITY, "role": Role("community-nurse"), "actor": NURSE, **changes}
    return Event(kind=kind, id=uuid4(), at=at, person=person, purpose=Purpose("direct-care"), **given)


def told(engine: Engine, *events: Event) -> None:
    with transaction(engine) as connection:
        record(connection, events, key=KEY)


def raised(engine: Engine) -> list[tuple[str, UUID | None]]:
    with engine.connect() as connection:
        return sorted((alert.kind, alert.person_id) for alert in alerts(connection))


def test_a_day_is_watched_once_it_is_over_and_its_alerts_are_explained_by_events(place: Engine) -> None:
    told(place, seen(NEIGHBOUR, NINE), seen(NEIGHBOUR, NINE + timedelta(minutes=5)))
    assert watch(place, WATCHING, at=NINE + timedelta(hours=9)) == 0
    assert watch(place, WATCHING, at=NIGHT_AFTER) == 1
    with place.connect() as connection:
        (alert,) = alerts(connection)
    assert (alert.kind, alert.person_id, alert.organisation, alert.on) == ("neighbour", NEIGHBOUR, COMMUNITY, ON)
    figures = {"looks": 2, "refused": 0, "people": 1}
    assert alert.evidence == {"events": ["4/1", "4/2"], "figures": figures, "rank": "today", "lessened": ""}
    assert alert.review_due == NIGHT_AFTER + timedelta(days=5)
    assert alert.state == "raised"


def test_the_same_event_never_alerts_twice(place: Engine) -> None:
    told(place, seen(NEIGHBOUR, NINE))
    assert [watch(place, WATCHING, at=NIGHT_AFTER + timedelta(days=day)) for day in (0, 0, 1, 2)] == [1, 0, 0, 0]
    with transaction(place) as connection:
        connection.execute(text("DELETE FROM watch_day"))
        connection.execute(text("DELETE FROM watch_tally"))
    assert watch(place, WATCHING, at=NIGHT_AFTER + timedelta(days=3)) == 0
    assert raised(place) == [("neighbour", NEIGHBOUR)]


def test_what_shows_a_fortnight_later_is_told_then(place: Engine) -> None:
    told(place, seen(NEIGHBOUR, NINE))
    watch(place, WATCHING, at=NIGHT_AFTER)
    assert watch(place, WATCHING, at=NIGHT_AFTER + timedelta(days=13)) == 0
    assert watch(place, WATCHING, at=NIGHT_AFTER + timedelta(days=14)) == 1
    assert watch(place, WATCHING, at=NIGHT_AFTER + timedelta(days=15)) == 0
    assert raised(place) == [("neighbour", NEIGHBOUR), ("no-relationship", NEIGHBOUR)]


def test_what_another_sign_told_of_that_day_does_not_wait_for_the_week(place: Engine) -> None:
    stranger = UUID(int=3, version=4)
    with transaction(place) as connection:
        connection.execute(text("INSERT INTO person (id, created_at) VALUES (:id, now())"), {"id": stranger})
    next_day = NINE + timedelta(days=1)
    told(place, seen(NEIGHBOUR, NINE), seen(stranger, next_day))
    for days in (0, 1, 15):
        watch(place, WATCHING, at=NIGHT_AFTER + timedelta(days=days))
    with place.connect() as connection:
        ranks = {(a.kind, a.person_id): a.evidence and a.evidence["rank"] for a in alerts(connection)}
    assert ranks == {
        ("neighbour", NEIGHBOUR): "today",
        ("no-relationship", NEIGHBOUR): "today",
        ("no-relationship", stranger): "weekly",
    }


def test_what_the_watch_keeps_goes_when_it_has_been_kept_long_enough(place: Engine) -> None:
    left, stays = Account(NURSE.issuer, "nurse.left"), Account(NURSE.issuer, "nurse.new")
    told(place, seen(NEIGHBOUR, NINE), seen(NEIGHBOUR, NINE, actor=left))
    duty = Duty(NINE, NINE + timedelta(hours=8))
    with transaction(place) as connection:
        members = [StaffMember(who, COMMUNITY, NHSNumber(NUMBERS[NEIGHBOUR])) for who in (left, stays)]
        store.put_staff(connection, members)
        store.put_news(connection, NEIGHBOUR, since=ON, until=ON + timedelta(days=1))
        store.put_duties(connection, {left: [duty]})
    watch(place, WATCHING, at=NIGHT_AFTER)
    last = NINE + timedelta(weeks=12)
    told(place, seen(NEIGHBOUR, last))
    keeping = replace(WATCHING, keep=timedelta(weeks=12))
    watch(place, keeping, at=last)
    assert kept(place) == (2, 84, 1, 1, 3)  # at twelve weeks the first day is still kept
    watch(place, keeping, at=last + timedelta(days=1, hours=17))
    assert kept(place) == (1, 84, 0, 0, 2)
    with place.connect() as connection:
        assert {member.account for member in store.staff(connection)} == {NURSE, stays}
    assert len(raised(place)) >= 1  # alerts are no part of it: the agreement has them kept longer


def keeping(**terms: str) -> Agreement:
    """The agreement of this place, which has nothing kept but what is said."""
    said = {name: Duration.parse(terms[name]) if name in terms else None for name in ("keep", "keep_alerts")}
    return changed(LAW, audit=changed(LAW.audit, **said))  # type: ignore[type-var]


def test_an_alert_goes_once_it_has_been_closed_as_long_as_the_agreement_says_and_an_open_one_stays(
    place: Engine,
) -> None:
    def ids() -> set[UUID]:
        with place.connect() as connection:
            return {alert.id for alert in alerts(connection)}

    told(place, seen(NEIGHBOUR, NINE), seen(NEIGHBOUR, NINE, actor=Account(NURSE.issuer, "nurse.left")))
    with transaction(place) as connection:
        store.put_news(connection, NEIGHBOUR, since=ON, until=ON + timedelta(days=1))
    fortnight = replace(WATCHING, agreements=compile_agreements([keeping(keep_alerts="P14D")]))
    watch(place, fortnight, at=NIGHT_AFTER)
    closed, *still = ids()
    assert still
    with transaction(place) as connection:
        noted = partial(put_alert_step, closed=True, by=BY, at=NIGHT_AFTER, note="they met at work")
        noted(connection, closed, "dismiss", "false-alarm")
    watch(place, fortnight, at=NIGHT_AFTER + timedelta(days=14))
    assert {closed, *still} <= ids()
    watch(place, fortnight, at=NIGHT_AFTER + timedelta(days=15))
    assert ids() & {closed, *still} == {*still}
    with place.connect() as connection:
        assert alert_steps(connection, closed) == []
        gone = "SELECT event->>'request' FROM audit_event WHERE event->>'reason' = 'alerts'"
        assert connection.execute(text(gone)).scalars().all() == ["2026-06-12"]


@pytest.mark.parametrize(
    ("terms", "kept_from"),
    [
        ([{"keep_alerts": "P1Y"}], date(2025, 6, 12)),
        ([{"keep": "P8Y"}], date(2018, 6, 12)),
        ([{"keep": "P8Y", "keep_alerts": "P1Y"}, {"keep": "P2Y"}], date(2024, 6, 12)),
        ([{}], None),
        ([], None),
    ],
)
def test_alerts_are_kept_by_the_agreement_that_keeps_them_longest(
    terms: list[dict[str, str]], kept_from: date | None
) -> None:
    written = compile_agreements(changed(keeping(**one), isa=f"law-{n}") for n, one in enumerate(terms))
    assert first_alerts_kept(written, on=date(2026, 6, 12)) == kept_from


def kept(engine: Engine) -> tuple[int, ...]:
    tables = ("watch_tally", "watch_day", "watch_news", "watch_duty", "watch_staff")
    with engine.connect() as connection:
        return tuple(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables)


def test_a_referral_that_is_entered_within_the_fortnight_explains_the_look(place: Engine) -> None:
    told(place, seen(NEIGHBOUR, NINE))
    watch(place, WATCHING, at=NIGHT_AFTER)
    with transaction(place) as connection:
        connection.execute(
            text(
                "INSERT INTO relationship (person_id, partner, key, message, kind, organisation, started)"
                " VALUES (:id, 'RL4C', 'late', 1, 'referral', 'RL4C', :started)"
            ),
            {"id": NEIGHBOUR, "started": NINE + timedelta(days=10)},
        )
    assert watch(place, WATCHING, at=NIGHT_AFTER + timedelta(days=15)) == 0


def test_the_trail_is_told_of_each_alert_by_its_id_alone(place: Engine) -> None:
    told(place, seen(OWN, NINE, Kind.DENIED))
    watch(place, WATCHING, at=NIGHT_AFTER)
    with place.connect() as connection:
        (alert,) = alerts(connection)
        events = connection.execute(
            text("SELECT event FROM audit_event WHERE event->>'kind' = 'alert-raised'")
        ).scalars()
        (event,) = events.all()
    assert {name: event[name] for name in ("other", "reason", "issuer", "subject")} == {
        "other": str(alert.id), "reason": "self", **BY._asdict(),
    }  # fmt: skip
    assert "person" not in event


def test_an_alert_holds_no_name_number_or_address(place: Engine) -> None:
    told(place, seen(NEIGHBOUR, NINE))
    watch(place, WATCHING, at=NIGHT_AFTER)
    with place.connect() as connection:
        whole = connection.execute(text("SELECT privacy_alert::text FROM privacy_alert")).scalar_one()
    assert not any(word in whole for word in (*NUMBERS.values(), "family", "WV1"))


def test_somebody_in_the_news_is_told_while_they_are(place: Engine) -> None:
    with transaction(place) as connection:
        store.put_news(connection, NEIGHBOUR, since=ON, until=ON + timedelta(days=1))
        store.put_staff(connection, [])
        connection.execute(text("DELETE FROM watch_staff"))
    told(place, seen(NEIGHBOUR, NINE), seen(NEIGHBOUR, NINE + timedelta(days=1)))
    watch(place, WATCHING, at=NIGHT_AFTER + timedelta(days=1))
    assert raised(place) == [("news", NEIGHBOUR)]


def test_days_are_londons_and_each_leaves_its_numbers(place: Engine) -> None:
    midnight = datetime(2026, 6, 10, 23, 0, tzinfo=UTC)  # already the 11th in London
    told(place, seen(NEIGHBOUR, midnight - timedelta(minutes=1)), seen(NEIGHBOUR, midnight), seen(OWN, midnight))
    watch(place, WATCHING, at=NIGHT_AFTER + timedelta(days=1))
    with place.connect() as connection:
        found = store.tallies(connection, ON, ON + timedelta(days=5))
        assert store.tallies(connection, ON, ON + timedelta(days=5), organisation=OdsCode("RL4")) == []
    assert sorted((tally.on, tally.looks, tally.hours) for tally in found) == [
        (ON, 1, 1 << 23),
        (ON + timedelta(1), 2, 1),
    ]


def test_a_place_that_begins_to_watch_learns_from_old_days_and_tells_of_new_ones(place: Engine) -> None:
    told(place, *[seen(NEIGHBOUR, NINE - timedelta(days=days)) for days in (80, 40, 0)])
    assert watch(place, WATCHING, at=NIGHT_AFTER) == 1
    with place.connect() as connection:
        days = {tally.on for tally in store.tallies(connection, ON - timedelta(days=100), ON + timedelta(days=1))}
    assert days == {ON - timedelta(days=40), ON}


def test_going_down_the_register_is_found_by_everyones_numbers(place: Engine) -> None:
    with transaction(place) as connection:
        connection.execute(
            text(
                "WITH made AS (INSERT INTO person (id, created_at)"
                " SELECT ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, now()"
                " FROM generate_series(1, 30) n RETURNING id), numbered AS (INSERT INTO person_nhs_number"
                " SELECT '99910000' || right(id::text, 2), id, now() FROM made)"
                " INSERT INTO person_identity (person_id, partner, family_folded, recorded_at)"
                " SELECT id, 'RL4', md5(id::text), now() FROM made"
            )
        )
    down = [UUID(f"00000000-0000-4000-9000-{number:012}") for number in range(10, 18)]
    told(place, *[seen(each, NINE + timedelta(minutes=number)) for number, each in enumerate(down)])
    watch(place, WATCHING, at=NIGHT_AFTER)
    with place.connect() as connection:
        (alert,) = alerts(connection)
    assert (alert.kind, alert.person_id) == ("in-order", None)
    assert alert.evidence is not None
    assert alert.evidence["figures"] == {"people": 8, "order": "the NHS numbers"}
