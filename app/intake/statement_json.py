"""A statement as JSON, to wait until its person is known. Pure."""

import base64
from datetime import date, datetime
from typing import Any

import orjson

from app.record.kept.json_text import as_stated, loads
from app.vocabulary.category import Category
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Elsewhere, Entry, PersonFlag, Relationship, Standing, Statement, Subject, Tracing


def dump(statement: Statement) -> bytes:
    """Write a statement whole; `load` gives an equal one."""
    return orjson.dumps(statement, default=_as_text)


def load(written: bytes) -> Statement:
    """Read what `dump` wrote."""
    whole = loads(written)
    return Statement(
        subject=_subject(whole["subject"]),
        line=whole["line"],
        entries=tuple(_entry(row) for row in whole["entries"]),
        flags=tuple(PersonFlag(kind=FlagKind(row["kind"]), raised=row["raised"]) for row in whole["flags"]),
        relationships=tuple(_relationship(row) for row in whole["relationships"]),
    )


def _as_text(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return as_stated(value)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _subject(row: dict[str, Any]) -> Subject:
    number = row["nhs_number"]
    return Subject(
        **row
        | {
            "nhs_number": NHSNumber(number["digits"]) if number else None,
            "tracing": Tracing(row["tracing"]),
            "given_names": tuple(row["given_names"]),
            "birth_date": _day(row["birth_date"]),
            "death_date": _day(row["death_date"]),
        }
    )


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        **row
        | {
            "category": Category(row["category"]),
            "sensitivity": Sensitivity(row["sensitivity"]),
            "standing": Standing(row["standing"]),
            "elsewhere": Elsewhere(row.get("elsewhere", "stands")),
            "keeps": tuple(row["keeps"]),
            "presumes": tuple(row.get("presumes", ())),
            "derived_from": tuple(row.get("derived_from", ())),
            "started": _instant(row["started"]),
            "ended": _instant(row["ended"]),
            "recorded": _instant(row["recorded"]),
            "attachment": base64.b64decode(row["attachment"]) if row["attachment"] is not None else None,
        }
    )


def _relationship(row: dict[str, Any]) -> Relationship:
    return Relationship(
        **row
        | {
            "started": datetime.fromisoformat(row["started"]),
            "ended": _instant(row["ended"]),
            "organisation": OdsCode(row["organisation"]) if row["organisation"] else None,
        }
    )
