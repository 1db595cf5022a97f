"""Code lists applied to what is held, once they changed: what they newly keep back, in all its versions.

A list only makes more careful here: what a newer one no longer holds is shown again once its source sends it again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Connection

from app.record.barred.code_lists import CodeLists, stricter
from app.record.kept.derived import names_of, names_of_sources
from app.record.kept.encode import security
from app.record.kept.json_text import dumps, loads
from app.record.label_numbers import label_number
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode

_AT_ONCE: Final = 2000
_HELD: Final = " UNION ALL ".join(
    f"SELECT '{table}', person_id, id, version, partner, category, sensitivity, resource FROM {table}"  # noqa: S608
    for table in ("entry", "entry_version")
)


_OF_ONE: Final = "person_id = %(person)s AND partner = %(partner)s"
_MADE: Final = """
    SELECT DISTINCT person_id FROM entry
    WHERE person_id = ANY (%(people)s::uuid[]) AND partner = %(partner)s
      AND resource_type IN ('DiagnosticReport', 'Observation', 'RiskAssessment')
      AND convert_from(resource, 'UTF8') ~ '"(result|hasMember|derivedFrom|basis)"'
"""


class _Version(NamedTuple):
    """One version of an entry, as it stands in its table."""

    table: str
    person_id: UUID
    number: int
    version: int
    partner: str
    category: str
    sensitivity: str
    resource: bytes


def relabel(connection: Connection, lists: CodeLists) -> int:
    """Label what is held, and what it was before, by the lists; returns how many versions are kept back anew.

    A report is kept back with the results of which its words are made. The caller is whoever files. What was labelled
    more strictly already stays as it is.
    """
    changed = 0
    raw: Any = connection.connection.driver_connection
    with raw.cursor(name="relabel", binary=True) as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(f"{_HELD} ORDER BY person_id")
        for _, of_one in groupby(map(_Version._make, cursor), lambda one: one.person_id):
            for one, asked in _anew(list(of_one), lists):
                _write(connection, one, asked)
                changed += 1
    return changed


def heed(connection: Connection, lists: CodeLists, partner: OdsCode, people: Collection[UUID]) -> None:
    """Keep back what is made of entries of these people that ask for more care than they did, as `relabel` does.

    Few have anything that is made of other entries: nothing of the others is read.
    """
    made: Any = connection.exec_driver_sql(_MADE, {"people": [*people], "partner": partner}).scalars()
    for person_id in made.all():
        asked = {"person": person_id, "partner": partner}
        held = connection.exec_driver_sql(f"SELECT * FROM ({_HELD}) held WHERE {_OF_ONE}", asked)  # noqa: S608  # ours
        for one, sensitivity in _anew([_Version(*row) for row in held], lists):
            _write(connection, one, sensitivity)


def _anew(versions: Iterable[_Version], lists: CodeLists) -> Iterator[tuple[_Version, Sensitivity]]:
    """Of all that is held of one person: each version that asks for more care, and how much."""
    asked: list[tuple[_Version, Sensitivity, Sequence[str], Sequence[str]]] = []
    for one in versions:
        resource = orjson.loads(one.resource)
        by_code = stricter(Sensitivity(one.sensitivity), lists.asked_by(resource))
        asked.append((one, by_code, [*names_of(one.number, resource)], [*names_of_sources(resource)]))
    while True:
        named = _strictest_by_name(asked)
        heeded = [
            (one, _at_least(named, one, by_now, sources), names, sources) for one, by_now, names, sources in asked
        ]
        if heeded == asked:
            break
        asked = heeded  # a report of a panel of results: each step heeds what the one before found
    yield from ((one, by_now) for one, by_now, _, _ in asked if by_now != one.sensitivity)


def _strictest_by_name(
    asked: Iterable[tuple[_Version, Sensitivity, Sequence[str], Sequence[str]]],
) -> dict[tuple[str, str], Sensitivity]:
    """How much care each partner's entries ask for, by what others call them, in the strictest of their versions."""
    named: dict[tuple[str, str], Sensitivity] = {}
    for one, by_now, names, _ in asked:
        for name in names:
            named[one.partner, name] = stricter(named.get((one.partner, name), by_now), by_now)
    return named


def _at_least(
    named: Mapping[tuple[str, str], Sensitivity], one: _Version, by_now: Sensitivity, sources: Iterable[str]
) -> Sensitivity:
    for source in sources:
        by_now = stricter(by_now, named.get((one.partner, source), by_now))
    return by_now


def _write(connection: Connection, one: _Version, asked: Sensitivity) -> None:
    whole = loads(one.resource)
    whole["meta"]["security"] = orjson.loads(security(asked))
    label = Label(OdsCode(one.partner), Category(one.category), asked)
    connection.exec_driver_sql(
        f"UPDATE {one.table} SET label = %s, sensitivity = %s, resource = %s"  # noqa: S608  # ours
        " WHERE person_id = %s AND id = %s AND version = %s",
        (label_number(label), str(asked), dumps(whole), one.person_id, one.number, one.version),
    )
