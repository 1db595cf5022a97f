"""What the housing adapters say of a document, a file or a row, laid out for tests to look at."""

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.adapters.housing import CSV, JSON
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Sender
from tests.adapters.heard import Heard

SAMPLES = Path(__file__).parent / "samples" / "housing"
COUNCIL = Sender(partner=OdsCode("HSG01"))

Row = dict[str, Any]


def hear(message: bytes, sender: Sender = COUNCIL) -> Heard:
    """What the JSON adapter says."""
    return Heard(list(JSON.read(io.BytesIO(message), sender)))


def hear_tables(**tables: Any) -> Heard:
    """What is said of one document of these tables."""
    return hear(json.dumps(tables).encode())


def hear_csv(message: bytes, sender: Sender = COUNCIL) -> Heard:
    """What the CSV adapter says."""
    return Heard(list(CSV.read(io.BytesIO(message), sender)))


def hear_rows(*rows: Row, sender: Sender = COUNCIL) -> Heard:
    """What is said of a file of these rows, each about person `P1` where it names nobody."""
    return hear_csv(csv_of([{"person_id": "P1", **row} for row in rows]), sender)


def csv_of(rows: Iterable[Row]) -> bytes:
    """A CSV file of rows, whose headings are the columns that any of them has."""
    rows = list(rows)
    headings = list(dict.fromkeys(name for row in rows for name in row))
    lines = [headings, *([str(row.get(name, "")) for name in headings] for row in rows)]
    return "".join(",".join(map(_quoted, line)) + "\r\n" for line in lines).encode()


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def hear_sample(name: str) -> Heard:
    """What is said of a sample file."""
    message = (SAMPLES / name).read_bytes()
    return hear_csv(message) if name.endswith(".csv") else hear(message)


def samples() -> list[str]:
    """The names of all sample files."""
    return sorted(path.name for path in SAMPLES.iterdir())


def everything_in(entry: Entry) -> str:
    """All text of an entry that a reader could come to see."""
    return json.dumps([entry.key, entry.title, entry.detail, entry.resource])


TENANT: Row = {"tenant_id": "17", "full_name": "Mr Albert Hallam", "date_of_birth": "1943-05-14"}
TENANCY: Row = {"tenancy_id": "T1", "tenant_id": "17", "start_date": "2006-02-20", "end_date": "9999-12-31"}
SON: Row = {
    "household_member_id": "18",
    "tenancy_id": "T1",
    "full_name": "Darren Hallam",
    "relationship_to_tenant": "Son",
}
