"""One line of a record, opened."""

from typing import Any
from uuid import UUID

import orjson

from app.record.read.everything import Everything, Resource
from app.sharing.decision import Decision
from app.sharing.lattice import lattice_of
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.web.people.entry import opened

ACUTE = OdsCode("RL4")
LABEL = Label(ACUTE, Category("problems"), Sensitivity("normal"))


def version(number: int, on: str, **stated: Any) -> Resource:
    meta = {"versionId": str(number), "lastUpdated": f"{on}T09:00:00+00:00", "source": "urn:pisano:RL4:hl7:7#3"}
    resource = {"resourceType": "Condition", "id": "5", "meta": meta, "subject": {"reference": "Patient/x"}, **stated}
    return Resource(5, LABEL, "Condition", orjson.dumps(resource))


def everything(*rows: Resource) -> Everything:
    return Everything(UUID(int=1), Decision(lattice=lattice_of(ACUTE), agreements=()), rows)


def test_what_it_said_before_stands_under_what_it_says_now() -> None:
    former = version(1, "2026-01-02", code={"text": "Fall"})
    newest = version(2, "2026-03-04", code={"coding": [{"code": "1", "display": "Fall at home"}]}, onsetDateTime="2026")

    entry = opened(5)(everything(former, newest))

    assert entry is not None
    assert (entry.kind, entry.partner, entry.feed, entry.message, entry.line) == ("Condition", "RL4", "hl7", "7", "3")
    assert [(one.number, one.facts) for one in entry.versions] == [
        (2, (("Code", "Fall at home"), ("Onset date time", "2026"))),
        (1, (("Code", "Fall"),)),
    ]
    assert len(entry.shown) == 2


def test_what_a_reader_cannot_read_is_left_to_programs() -> None:
    stated = version(
        1,
        "2026-01-02",
        valueQuantity={"value": 104.0, "unit": "g/L", "system": "http://unitsofmeasure.org"},
        active=True,
        encounter={"reference": "Encounter/9"},
        identifier=[{"system": "https://example.org/visit", "value": "V12"}],
        telecom=[{"system": "phone", "value": "01632 960001"}],
        recordedDate="2026-07-01",
        issued="2026-07-01T13:30:00Z",
        note=[{"text": "Seen at home"}, {"text": "Again"}],
    )

    entry = opened(5)(everything(stated))

    assert entry is not None
    assert entry.versions[0].facts == (
        ("Value quantity", "104.0 g/L"),
        ("Active", "yes"),
        ("Identifier", "V12"),
        ("Telecom", "phone; 01632 960001"),
        ("Recorded date", "1 July 2026"),
        ("Issued", "1 July 2026, 2:30pm"),
        ("Note", "Seen at home; Again"),
    )


def test_an_entry_that_may_not_be_seen_is_none() -> None:
    assert opened(6)(everything(version(1, "2026-01-02"))) is None
