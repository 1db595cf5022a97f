"""By what somebody is looked for, and that nobody is shown who does not answer to all of it."""

from datetime import date
from uuid import UUID

import orjson
import pytest

from app.fhir.read.matching import NotUnderstood
from app.fhir.read.people import NOT_FOUND, named, one, taking, whom
from app.fhir.read.search import Search, read_search
from app.person.find import Criteria
from app.record.read.everything import Everything
from app.record.store import Resource
from app.sharing.decision import Decision
from app.sharing.lattice import Lattice
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode

HIS, LATTICE = UUID(int=7), Lattice((OdsCode("RL4"),))
NUMBER = NHSNumber("9990000018")
ACCOUNT = {
    "resourceType": "Patient", "meta": {"lastUpdated": "2026-06-30T09:00:00Z"}, "birthDate": "1945-05-14",
    "gender": "male", "identifier": [{"system": NHS_NUMBER, "value": NUMBER.digits}],
}  # fmt: skip
HE = Everything(HIS, Decision(LATTICE, ()), [Resource(1, LATTICE.labels[0], "Patient", orjson.dumps(ACCOUNT))])


def asked(*parameters: tuple[str, str]) -> Search:
    return read_search("Patient", parameters)


def test_somebody_is_looked_for_by_all_that_was_said_of_them() -> None:
    said = asked(("family", "Tranter"), ("given", "Walter"), ("given", "John"), ("birthdate", "eq1945-05-14"),
                 ("address-postalcode", "WV3 7AB"))  # fmt: skip
    assert whom(said) == Criteria(
        family_name="Tranter", given_name="Walter John", birth_date=date(1945, 5, 14), postcode="WV3 7AB"
    )
    assert whom(asked(("identifier", f"{NHS_NUMBER}|{NUMBER.digits}"))) == whom(asked(("identifier", "999 000 0018")))


@pytest.mark.parametrize(
    "said",
    [
        [("family", "Tranter,Trainer"), ("birthdate", "1945-05-14")],
        [("family:exact", "Tranter"), ("birthdate", "1945-05-14")],
        [("family", "Tranter"), ("birthdate", "1945")],
        [("identifier", NUMBER.digits), ("identifier", "9990000026")],
        [("identifier", f"|{NUMBER.digits}")],
    ],
)
def test_nobody_is_looked_for_by_what_may_be_several(said: list[tuple[str, str]]) -> None:
    with pytest.raises(NotUnderstood):
        whom(asked(*said))


def test_whoever_is_named_by_id_is_shown_only_where_all_else_that_is_said_is_so() -> None:
    assert named(asked()) is None
    assert named(asked(("_id", str(HIS)))) == HIS
    with pytest.raises(NotUnderstood, match="one `_id` at a time"):
        named(asked(("_id", f"{HIS},{UUID(int=8)}")))
    shown, not_him = (
        one(asked(("gender", "male"), ("birthdate", born)), HE, "https://x") for born in ("1945-05-14", "1945-05-15")
    )
    assert [resource.number for resource in shown.shown] == [1]
    assert NOT_FOUND.encode() not in b"".join(shown.entries)
    assert not_him.shown == []
    assert NOT_FOUND.encode() in b"".join(not_him.entries)


def test_whoever_is_found_by_number_answers_to_the_rest_and_no_more_are_taken_than_were_asked_for() -> None:
    take = taking(asked(("identifier", NUMBER.digits), ("birthdate", "1945-05-14"), ("_count", "1")), NUMBER)
    assert [take(HE) is None for _ in range(2)] == [False, True]
    assert taking(asked(("identifier", NUMBER.digits), ("birthdate", "1945-05-15")), NUMBER)(HE) is None
