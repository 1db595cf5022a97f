"""Entries are filed once, in order, with every version kept."""

import runpy
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Engine

from app.adapters.elements import ETHNIC_CATEGORY, ethnic_category
from app.database.transactions import transaction
from app.record.kept.encode import version_id
from app.record.kept.filing import Outcome, file_entries
from app.record.kept.held import Filed, Source
from app.record.kept.snapshots import close_missing, snapshot_before
from app.record.label_numbers import label_number
from app.settings import ROOT
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.london import london_midnight
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Standing

IVY = UUID("00000000-0000-4000-8000-000000000001")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def migrate(engine: Engine, step: Callable[[], None]) -> None:
    with transaction(engine) as connection, Operations.context(MigrationContext.configure(connection)):
        step()


def source(message: int, at: datetime = MONDAY) -> Source:
    return Source(partner=OdsCode("RL4"), adapter="acute-hl7v2", message=message, at=at)


def problem(key: str = "Condition/1", **changes: Any) -> Entry:
    entry = Entry(
        key=key,
        category=Category("problems"),
        resource={"resourceType": "Condition", "code": {"text": "Stroke"}},
        title="Stroke",
        line=1,
        started=MONDAY,
        recorded=MONDAY,
    )
    return replace(entry, **changes)


def put(engine: Engine, *entries: Entry, message: int = 1, at: datetime = MONDAY) -> Outcome:
    with transaction(engine) as connection:
        return file_entries(connection, [Filed(IVY, IVY, entry) for entry in entries], source(message, at))


def rows(engine: Engine, sql: str) -> Sequence[Any]:
    with transaction(engine) as connection:
        return connection.exec_driver_sql(sql).all()


def titles(engine: Engine) -> list[str]:
    return [orjson.loads(row.summary)["title"] for row in rows(engine, "SELECT summary FROM entry ORDER BY key")]


def test_the_same_statement_again_changes_nothing(engine: Engine) -> None:
    assert put(engine, problem()) == Outcome(new=1)
    before = rows(engine, "SELECT * FROM entry")

    assert put(engine, problem(), message=2, at=TUESDAY) == Outcome(unchanged=1)
    assert rows(engine, "SELECT * FROM entry") == before


def test_a_changed_entry_keeps_its_former_version(engine: Engine) -> None:
    put(engine, problem())
    put(engine, problem(title="Second stroke", recorded=TUESDAY), message=2)

    assert titles(engine) == ["Second stroke"]
    (former,) = rows(engine, "SELECT version, summary, message FROM entry_version")
    assert (former.version, orjson.loads(former.summary)["title"], former.message) == (1, "Stroke", 1)
    assert rows(engine, "SELECT version FROM entry")[0].version == 2


def test_two_versions_in_one_message_are_both_kept(engine: Engine) -> None:
    outcome = put(engine, problem(), problem(title="Second stroke", recorded=TUESDAY, line=2))

    assert outcome == Outcome(new=1, changed=1)
    assert titles(engine) == ["Second stroke"]
    assert [row.version for row in rows(engine, "SELECT version FROM entry_version")] == [1]


@pytest.mark.parametrize(
    "changes",
    [
        {"sensitivity": Sensitivity.RESTRICTED},
        {"ended": TUESDAY},
        {"standing": Standing.ENTERED_IN_ERROR},
        {"title": "Second stroke"},
    ],
)
def test_the_very_resource_of_the_message_before_is_a_change_where_anything_beside_it_is(
    engine: Engine, changes: dict[str, Any]
) -> None:
    stroke = problem()
    outcome = put(engine, stroke, replace(stroke, line=2), replace(stroke, line=3, recorded=TUESDAY, **changes))

    assert outcome == Outcome(new=1, unchanged=1, changed=1)


def test_what_is_meant_only_for_want_of_one_replaces_nothing_but_what_was_entered_in_error(engine: Engine) -> None:
    another = problem(title="Another", only_if_new=True, recorded=TUESDAY)
    put(engine, problem())

    assert put(engine, another, message=2) == Outcome(unchanged=1)
    assert titles(engine) == ["Stroke"]
    put(engine, problem(standing=Standing.ENTERED_IN_ERROR), message=3)
    assert put(engine, another, message=4) == Outcome(changed=1)
    assert titles(engine) == ["Another"]


def test_an_entry_recorded_earlier_is_not_shown_in_place_of_a_later_one(engine: Engine) -> None:
    put(engine, problem(title="Second stroke", recorded=TUESDAY))

    assert put(engine, problem(line=9), message=2) == Outcome(late_lines=[9])
    assert titles(engine) == ["Second stroke"]


def test_an_earlier_file_replayed_does_not_undo_a_later_one(engine: Engine) -> None:
    put(engine, problem(title="As in file 1", recorded=None), message=1)
    put(engine, problem(title="As in file 2", recorded=None), message=2)

    assert put(engine, problem(title="As in file 1", recorded=None, line=4), message=1) == Outcome(late_lines=[4])
    assert titles(engine) == ["As in file 2"]


def test_what_a_message_is_silent_on_stays(engine: Engine) -> None:
    whole = {"resourceType": "Patient", "gender": "female", "birthDate": "1940-02-29"}
    put(engine, problem(resource=whole))
    silent = {"resourceType": "Patient", "gender": "other"}
    put(engine, problem(resource=silent, keeps=("birthDate", "gender"), recorded=TUESDAY), message=2)

    (held,) = rows(engine, "SELECT resource FROM entry")
    resource = orjson.loads(held.resource)
    assert (resource["gender"], resource["birthDate"]) == ("other", "1940-02-29")


def test_what_presumes_how_careful_to_be_is_never_less_careful_than_it_asks_itself(engine: Engine) -> None:
    of_a_clinic, restricted = Sensitivity.SEXUAL_HEALTH, Sensitivity.RESTRICTED
    put(engine, problem(sensitivity=of_a_clinic), problem("Condition/2"))
    silent = problem(title="Anew", presumes=("sensitivity",), recorded=TUESDAY)
    put(engine, silent, replace(silent, key="Condition/2", sensitivity=restricted), message=2)
    held = rows(engine, "SELECT sensitivity FROM entry ORDER BY key")
    assert [*held] == [(of_a_clinic,), (restricted,)]


def test_what_a_message_deletes_goes(engine: Engine) -> None:
    put(engine, problem(resource={"resourceType": "Patient", "birthDate": "1940-02-29"}))
    put(engine, problem(resource={"resourceType": "Patient"}, recorded=TUESDAY), message=2)

    (held,) = rows(engine, "SELECT resource FROM entry")
    assert "birthDate" not in orjson.loads(held.resource)


def test_a_stored_resource_points_to_its_person_and_says_where_it_came_from(engine: Engine) -> None:
    put(engine, problem(line=12))

    (held,) = rows(engine, "SELECT id, resource, digest, stored_at FROM entry")
    resource = orjson.loads(held.resource)
    assert resource["id"] == str(held.id)
    assert resource["subject"] == {"reference": f"Patient/{IVY}"}
    assert resource["meta"]["source"] == "urn:pisano:RL4:acute-hl7v2:1#12"
    assert resource["meta"]["versionId"] == version_id(held.digest, held.stored_at)


def test_what_was_stored_with_counted_versions_is_called_as_though_stored_today(engine: Engine) -> None:
    own = {"resourceType": "Condition", "meta": {"tag": [{"code": "x"}]}, "code": {"text": "Stroke"}}
    put(engine, problem())
    put(engine, problem(detail="left"), problem("Condition/2", resource=own))
    query = "SELECT convert_from(resource, 'UTF8'), convert_from(summary, 'UTF8') FROM {} ORDER BY key"
    before = [list(rows(engine, query.format(table))) for table in ("entry", "entry_version")]

    migration = runpy.run_path(str(ROOT / "migrations/versions/0022_version_ids.py"))
    migrate(engine, migration["downgrade"])
    counted = [orjson.loads(text)["meta"]["versionId"] for text, _ in rows(engine, query.format("entry"))]
    migrate(engine, migration["upgrade"])

    assert counted == ["2", "1"]
    assert [list(rows(engine, query.format(table))) for table in ("entry", "entry_version")] == before


def test_what_was_stored_under_former_numbers_has_those_of_today(engine: Engine) -> None:
    put(engine, problem(), problem("Condition/2", sensitivity=Sensitivity.SEALED))
    put(engine, problem(detail="left"), message=2)
    query = "SELECT label FROM {} ORDER BY id, version"
    before = [list(rows(engine, query.format(table))) for table in ("entry", "entry_version")]
    kinds = (Sensitivity.NORMAL, Sensitivity.SEALED)
    of_today = {label_number(Label(OdsCode("RL4"), Category("problems"), each)) for each in kinds}
    assert {number for (number,) in before[0]} == of_today

    migration = runpy.run_path(str(ROOT / "migrations/versions/0029_labels_as_bits.py"))
    migrate(engine, migration["downgrade"])
    assert not of_today & {number for (number,) in rows(engine, query.format("entry"))}
    migrate(engine, migration["upgrade"])

    assert [list(rows(engine, query.format(table))) for table in ("entry", "entry_version")] == before


def account(extension: list[dict[str, Any]], **changes: Any) -> Entry:
    told = {"resourceType": "Patient", "birthDate": "1940-02-29", "extension": extension}
    title = "Personal details from the hospital"
    return problem("Patient/1", category=Category("demographics"), resource=told, title=title, **changes)


def test_ethnicity_that_was_filed_with_who_somebody_is_is_parted_from_it_in_every_version(engine: Engine) -> None:
    def ethnic(words: str) -> dict[str, Any]:
        return {"url": ETHNIC_CATEGORY, "valueCodeableConcept": {"text": words}}

    other = {"url": "https://x.example/other", "valueCode": "x"}
    put(engine, account([ethnic("Indian"), other]))
    put(engine, account([ethnic("Pakistani")], recorded=TUESDAY), message=2, at=TUESDAY)

    migrate(engine, runpy.run_path(str(ROOT / "migrations/versions/0036_ethnicity_apart.py"))["upgrade"])

    for table, words, rest in (("entry", "Pakistani", []), ("entry_version", "Indian", [other])):
        held = rows(engine, f"SELECT * FROM {table} ORDER BY key")  # ours
        who, apart = [orjson.loads(one.resource) for one in held]
        assert who.get("extension", []) == rest
        assert who["birthDate"] == "1940-02-29"
        assert (apart["extension"], apart["link"]) == ([ethnic(words)], who["link"])
        assert "birthDate" not in apart
        assert [one.category for one in held] == ["demographics", "ethnicity"]
        for one, resource in zip(held, (who, apart), strict=True):
            label = Label(OdsCode("RL4"), Category(one.category), Sensitivity.NORMAL)
            assert one.label == label_number(label)
            assert resource["meta"]["versionId"] == version_id(one.digest, one.stored_at)
            assert orjson.loads(one.summary)["version"] == resource["meta"]["versionId"]
        assert orjson.loads(held[1].summary)["title"] == words
        assert "identity" not in orjson.loads(held[1].summary)

    later = (
        account([]),
        problem("Patient/1/ethnicity", category=Category("ethnicity"), resource=ethnic_category({"text": "Indian"})),
    )
    put(engine, *(replace(one, recorded=TUESDAY + timedelta(days=1)) for one in later), message=3)
    assert len(rows(engine, "SELECT FROM entry")) == 2  # what is sent anew takes the place of what was parted


def test_a_document_is_kept_beside_its_entry(engine: Engine) -> None:
    letter = {
        "resourceType": "DocumentReference",
        "status": "current",
        "content": [{"attachment": {"contentType": "application/pdf"}}],
    }
    put(engine, problem(resource=letter, attachment=b"%PDF"))

    (kept,) = rows(engine, "SELECT content_type, content, entry_id FROM attachment")
    assert (kept.content_type, bytes(kept.content)) == ("application/pdf", b"%PDF")
    (held,) = rows(engine, "SELECT resource FROM entry")
    assert orjson.loads(held.resource)["content"][0]["attachment"]["url"] == f"Binary/{IVY}.{kept.entry_id}"


def service(key: str, **changes: Any) -> Entry:
    episode = {"resourceType": "EpisodeOfCare", "status": "active", "period": {"start": "2026-01-01"}}
    return problem(key, resource=episode, recorded=None, started=datetime(2026, 1, 1, tzinfo=UTC), **changes)


def close(connection: Connection, prefix: str, as_at: date, whole: Source) -> int:
    before = snapshot_before(connection, prefix, as_at, whole)
    return close_missing(connection, prefix, whole, ended=london_midnight(before)) if before else 0


def nightly(connection: Connection, message: int, as_at: date, *entries: Entry) -> int:
    connection.exec_driver_sql("CREATE TEMPORARY TABLE stated_key (key text) ON COMMIT DROP")
    for entry in entries:
        connection.exec_driver_sql("INSERT INTO stated_key VALUES (%s)", (entry.key,))
    file_entries(connection, [Filed(IVY, IVY, entry) for entry in entries], source(message))
    return close(connection, "service/", as_at, source(message))


def test_an_open_service_missing_from_the_next_file_ends_at_the_earlier_files_date(engine: Engine) -> None:
    with transaction(engine) as connection:
        assert nightly(connection, 1, date(2026, 6, 30), service("service/a"), service("service/b")) == 0
    with transaction(engine) as connection:
        assert nightly(connection, 2, date(2026, 7, 1), service("service/a")) == 1

    stands = {row.key: row for row in rows(engine, "SELECT key, standing, ended, occurred_on, resource FROM entry")}
    assert stands["service/a"].standing == Standing.CURRENT
    ended = stands["service/b"]
    assert (ended.standing, ended.occurred_on) == (Standing.ENDED, date(2026, 6, 30))
    resource = orjson.loads(ended.resource)
    assert (resource["status"], resource["period"]["end"]) == ("finished", "2026-06-30")


def test_what_is_over_planned_or_has_an_end_is_not_ended_by_being_left_out_and_nothing_ends_before_it_began(
    engine: Engine,
) -> None:
    may, december = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    noon = datetime(2026, 6, 30, 12, tzinfo=UTC)
    left_out = [
        service("service/over", ended=may, standing=Standing.ENDED),
        service("service/planned", standing=Standing.PLANNED),
        service("service/until", ended=december),
        replace(service("service/young"), started=noon),
    ]
    with transaction(engine) as connection:
        nightly(connection, 1, date(2026, 6, 30), *left_out)
    with transaction(engine) as connection:
        assert nightly(connection, 2, date(2026, 7, 1)) == 1

    stands = rows(engine, "SELECT key, standing, ended, version FROM entry ORDER BY key")
    assert [tuple(row) for row in stands] == [
        ("service/over", "ended", may, 1),
        ("service/planned", "planned", None, 1),
        ("service/until", "current", december, 1),
        ("service/young", "ended", noon, 2),
    ]


def test_a_service_that_comes_back_is_open_again(engine: Engine) -> None:
    for message, day, entries in ((1, 28, [service("service/a")]), (2, 29, []), (3, 30, [service("service/a")])):
        with transaction(engine) as connection:
            nightly(connection, message, date(2026, 6, day), *entries)

    (held,) = rows(engine, "SELECT standing, ended FROM entry")
    assert (held.standing, held.ended) == (Standing.CURRENT, None)


def test_a_file_as_at_an_earlier_date_closes_nothing(engine: Engine) -> None:
    with transaction(engine) as connection:
        nightly(connection, 1, date(2026, 6, 30), service("service/a"))
    with transaction(engine) as connection:
        assert nightly(connection, 2, date(2026, 6, 29)) == 0


@pytest.mark.parametrize("prefix", ["other/", "service%"])
def test_a_snapshot_closes_only_what_it_is_a_snapshot_of(engine: Engine, prefix: str) -> None:
    with transaction(engine) as connection:
        nightly(connection, 1, date(2026, 6, 29), service("service/a"))
        close(connection, prefix, date(2026, 6, 29), source(1))
    with transaction(engine) as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE stated_key (key text) ON COMMIT DROP")
        assert close(connection, prefix, date(2026, 6, 30), source(2)) == 0
