"""Pushes that meet each other."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine

from app.adapters.fhir_bundle.bundle import read_bundle
from app.adapters.fhir_bundle.reading import read
from app.intake.arriving.inbox import State
from app.intake.pushing.push import push
from app.intake.pushing.pushed import Done, Push, Pushed
from app.vocabulary.ods_code import OdsCode
from tests.fhir.pushing.sender import about, bundle, condition, patient, post, put
from tests.intake.feed import KEY, column, rows

TOGETHER = 6


def pushed(engine: Engine, *entries: Any, partner: str = "RL4") -> Pushed:
    content = json.dumps(bundle("transaction", *entries)).encode()
    sent = Push(
        content=content,
        bundle=read(read_bundle(content)),
        partner=OdsCode(partner),
        at=datetime.now(UTC),
        new_id=uuid4,
        key=KEY,
    )
    return push(engine, sent, wait=60)


def at_once(each: Callable[[int], Pushed]) -> list[Pushed]:
    with ThreadPoolExecutor(TOGETHER) as threads:
        return list(threads.map(each, range(TOGETHER)))


def test_pushes_of_one_thing_that_meet_are_versions_one_after_another(engine: Engine) -> None:
    pushed(engine, post(patient(0)))
    done = at_once(lambda n: pushed(engine, put(condition(1, code={"text": f"Number {n}"}))))

    held = [one.entries[1].held for one in done]
    assert sorted(one.version for one in held if one) == list(range(1, TOGETHER + 1))
    former = rows(engine, "SELECT version FROM entry_version WHERE key LIKE %s ORDER BY version", "%P1")
    assert [row.version for row in former] == list(range(1, TOGETHER))
    assert {one.state for one in done} == {State.PROCESSED}


def test_of_several_who_change_the_same_version_one_does(engine: Engine) -> None:
    [_, first] = pushed(engine, post(patient(0)), put(condition(1))).entries.values()
    assert first.held is not None
    etag = f'W/"{first.held.version_id}"'

    def change(n: int) -> Pushed:
        entry = put(condition(1, code={"text": f"Number {n}"}))
        entry["request"]["ifMatch"] = etag
        return pushed(engine, entry)

    done = [one.entries[1].done for one in at_once(change)]
    assert sorted(done) == [Done.REFUSED] * (TOGETHER - 1) + [Done.UPDATED]
    assert column(engine, "SELECT version FROM entry WHERE key LIKE %s", "%P1") == [2]


def test_two_partners_who_bring_the_same_new_person_at_once_bring_one(engine: Engine) -> None:
    partners = ("RL4", "RRE", "LA508", "WH100", "RL4C", "8A999")
    done = at_once(lambda n: pushed(engine, post(patient(0)), put(condition(n, about(0))), partner=partners[n]))

    assert {answer.done for one in done for answer in one.entries.values()} == {Done.CREATED}
    assert column(engine, "SELECT count(DISTINCT person_id) FROM entry") == [1]
