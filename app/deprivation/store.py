"""Deprivation by postcode as it is kept: the newest edition's postcodes, and when each edition was loaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from app.deprivation.models import deprivation_edition, postcode_decile
from app.deprivation.read import Postcode, UnreadableDeprivation

_STAGE: Final = (
    "CREATE TEMPORARY TABLE read_postcode (line int, district text, inward text, decile int2) ON COMMIT DROP"
)
_TWICE: Final = "SELECT max(line) FROM read_postcode GROUP BY district, inward HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
_KEEP: Final = (
    "INSERT INTO postcode_decile (edition, district, inward, decile)"
    " SELECT %s, district, inward, decile FROM read_postcode"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One edition as it was loaded: which indices, by which file of postcodes, when in UTC, and how many there were."""

    id: int
    indices: str
    directory: str
    loaded_at: datetime
    postcodes: int
    outside_england: int


def put_edition(
    connection: Connection, indices: str, directory: Path, postcodes: Iterator[Postcode], *, at: datetime
) -> Loaded:
    """Put an edition in the place of the one before, all of it or nothing; raises `UnreadableDeprivation`."""
    kept, outside = _staged(connection, directory, postcodes)
    told = {"indices": indices, "directory": directory.name, "loaded_at": at}
    counts = {"postcodes": kept, "outside_england": outside}
    query = insert(deprivation_edition).values(**told, **counts).returning(deprivation_edition.c.id)
    id = connection.execute(query).scalar_one()
    connection.exec_driver_sql(_KEEP, (id,))
    connection.execute(delete(postcode_decile).where(postcode_decile.c.edition != id))
    return Loaded(id=id, indices=indices, directory=directory.name, loaded_at=at, **counts)


def _staged(connection: Connection, directory: Path, postcodes: Iterator[Postcode]) -> tuple[int, int]:
    """How many postcodes of England wait beside those that they replace, and how many lie outside."""
    kept = outside = 0
    connection.exec_driver_sql(_STAGE)
    with connection.connection.cursor().copy("COPY read_postcode FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(("int4", "text", "text", "int2"))
        for one in postcodes:
            if one.decile is None:
                outside += 1
            else:
                kept += 1
                copy.write_row(one)
    if not kept:
        raise UnreadableDeprivation(directory.name, 1, "postcodes-rows", "no postcode of England stands here")
    twice = connection.exec_driver_sql(_TWICE).scalar()
    if twice is not None:
        raise UnreadableDeprivation(directory.name, int(twice), "postcodes-once", "this postcode stands here twice")
    return kept, outside


def editions(connection: Connection) -> list[Loaded]:
    """Every edition that was ever loaded, the newest, which counts, first."""
    rows = connection.execute(select(deprivation_edition).order_by(deprivation_edition.c.id.desc()))
    return [Loaded(**row._mapping) for row in rows]


def in_district(connection: Connection, district: str) -> dict[str, int]:
    """The decile of each postcode of a district, by the rest of the postcode."""
    newest = select(func.max(deprivation_edition.c.id)).scalar_subquery()
    query = select(postcode_decile.c.inward, postcode_decile.c.decile).where(
        postcode_decile.c.edition == newest, postcode_decile.c.district == district
    )
    return {row.inward: row.decile for row in connection.execute(query)}
