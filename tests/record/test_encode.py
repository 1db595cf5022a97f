"""What is written when an entry is filed is what will be answered."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.demonstration.place import ACUTE
from app.record.kept.comparison import comparison_of
from app.record.kept.encode import as_stated, close, encode, entry_id, occurred_on, state, version_id
from app.record.kept.json_text import dumps
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.london import instant_told
from app.vocabulary.provenance import Provenance
from app.vocabulary.statement import Entry

IVY, OLD = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SOURCE = Provenance(ACUTE, "acute-hl7v2", 7, 3)


def entry(resource: dict[str, Any], category: str = "problems", **changes: Any) -> Entry:
    plain = Entry(key="k", category=Category(category), resource=resource, title="Title", line=3)
    return replace(plain, **changes)


def written(one: Entry) -> tuple[dict[str, Any], dict[str, Any]]:
    label = Label(ACUTE, one.category, one.sensitivity)
    both = encode(one, state(one, label), person_id=IVY, number=42, label=label, provenance=SOURCE, at=NOON)
    return orjson.loads(both.resource), orjson.loads(both.summary)


def test_an_entry_has_the_same_number_whenever_it_is_stated_and_another_for_another_person() -> None:
    later = replace(SOURCE, message=8, line=99)

    assert entry_id(IVY, SOURCE, "k") == entry_id(IVY, later, "k")
    assert entry_id(IVY, SOURCE, "k") != entry_id(OLD, SOURCE, "k")
    assert 0 <= entry_id(IVY, SOURCE, "k") < 2**63


def test_a_digest_tells_what_was_stated_and_not_where_it_came_from() -> None:
    stated = entry({"resourceType": "Condition"})
    label = Label(ACUTE, stated.category, stated.sensitivity)

    def digest(**changes: Any) -> bytes:
        return state(replace(stated, **changes), label).digest

    assert digest() == digest(line=9, recorded=NOON)
    assert len({digest(), digest(title="Other"), digest(concept="s|1"), digest(attachment=b"%PDF")}) == 4


def test_a_digest_does_not_depend_on_the_order_of_what_is_stated() -> None:
    one = entry({"resourceType": "Condition", "code": {"text": "x"}})
    other = entry({"code": {"text": "x"}, "resourceType": "Condition"})
    label = Label(ACUTE, one.category, one.sensitivity)

    assert state(one, label) == state(other, label)


@pytest.mark.parametrize("person_is_in", ["meta", "id", "subject"])
def test_no_element_of_a_stored_resource_stands_twice(person_is_in: str) -> None:
    own = {"meta": {"profile": ["x"]}, "id": "theirs", "subject": {"reference": "Patient/theirs"}}[person_is_in]
    one = entry({"resourceType": "Condition", person_is_in: own})
    label = Label(ACUTE, one.category, one.sensitivity)
    both = encode(one, state(one, label), person_id=IVY, number=42, label=label, provenance=SOURCE, at=NOON)

    assert both.resource.count(b'"%b":' % person_is_in.encode()) == 1
    assert orjson.loads(both.resource)["id"] == "42"
    assert orjson.loads(both.resource)["subject"] == {"reference": f"Patient/{IVY}"}


@pytest.mark.parametrize(
    ("resource", "element"),
    [
        ({"resourceType": "Condition"}, "subject"),
        ({"resourceType": "AllergyIntolerance"}, "patient"),
        ({"resourceType": "EpisodeOfCare", "status": "active"}, "patient"),
        ({"resourceType": "RelatedPerson"}, "patient"),
        ({"resourceType": "Task", "status": "draft", "intent": "order"}, "for"),
        ({"resourceType": "Flag", "status": "active", "code": {"text": "x"}}, "subject"),
    ],
)
def test_a_resource_points_to_its_person_where_fhir_says_so(resource: dict[str, Any], element: str) -> None:
    whole, _ = written(entry(resource))

    assert whole[element] == {"reference": f"Patient/{IVY}"}
    get_fhir_model_class(resource["resourceType"]).model_validate(whole)


def test_an_appointment_has_the_person_among_its_participants() -> None:
    clinic = {"resourceType": "Appointment", "status": "booked", "participant": [{"status": "accepted"}]}
    whole, _ = written(entry(clinic, "appointments"))

    assert whole["participant"][0] == {"actor": {"reference": f"Patient/{IVY}"}, "status": "accepted"}


def test_the_part_that_a_source_gives_the_person_in_an_appointment_stands() -> None:
    own = {"actor": {"type": "Patient"}, "status": "declined"}
    clinic = {"resourceType": "Appointment", "status": "booked", "participant": [own, {"status": "accepted"}]}
    whole, _ = written(entry(clinic, "appointments"))

    person = {"type": "Patient", "reference": f"Patient/{IVY}"}
    assert whole["participant"] == [{"actor": person, "status": "declined"}, {"status": "accepted"}]
    assert as_stated(dumps(whole), IVY)["participant"] == clinic["participant"]


def test_a_partners_account_of_the_person_refers_to_them_and_has_its_own_number() -> None:
    whole, summary = written(entry({"resourceType": "Patient", "birthDate": "1940-02-29"}, "demographics"))
    assert "lapses" not in summary
    until = [{"value": "1", "period": {"end": "2026-03-03"}}]
    _, telephone = written(entry({"resourceType": "Patient", "telecom": until}, "address"))
    assert telephone["lapses"] == [{"said": "1 (until 3 March 2026)", "until": "2026-03-03"}]

    assert whole["id"] == "42"
    assert whole["link"] == [{"other": {"reference": f"Patient/{IVY}"}, "type": "refer"}]
    assert summary["identity"] == {"birthDate": "1940-02-29"}


def test_an_account_of_an_address_is_no_identity() -> None:
    _, summary = written(entry({"resourceType": "Patient", "address": [{"text": "here"}]}, "address"))

    assert "identity" not in summary


def test_a_place_is_about_no_one() -> None:
    whole, _ = written(entry({"resourceType": "Location"}, "home"))

    assert "subject" not in whole


def test_a_resource_says_how_sensitive_it_is() -> None:
    whole, _ = written(entry({"resourceType": "Flag"}, "legal", sensitivity=Sensitivity.RESTRICTED))

    assert [tag["code"] for tag in whole["meta"]["security"]] == ["R", "restricted"]


def test_a_summary_tells_a_reader_what_when_and_from_whom() -> None:
    whole, summary = written(entry({"resourceType": "Condition"}, started=NOON, detail="left side"))

    assert summary == {
        "id": "42",
        "type": "Condition",
        "title": "Title",
        "detail": "left side",
        "started": "2026-07-01T12:00:00+00:00",
        "ended": None,
        "recorded": None,
        "standing": "current",
        "version": whole["meta"]["versionId"],
        "source": {"partner": "RL4", "feed": "acute-hl7v2", "message": 7, "line": 3},
    }


@pytest.mark.parametrize(
    ("changes", "on"),
    [
        ({}, None),
        ({"started": NOON}, None),  # it lasts: it does not age
        ({"started": NOON, "ended": datetime(2026, 7, 31, 23, tzinfo=UTC)}, date(2026, 8, 1)),  # midnight in London
        ({"recorded": NOON}, date(2026, 7, 1)),
    ],
)
def test_an_entry_ages_from_when_it_last_held(changes: dict[str, Any], on: date | None) -> None:
    assert occurred_on(entry({"resourceType": "Condition"}, **changes)) == on


def test_what_is_closed_says_so_in_both_forms() -> None:
    care = {"resourceType": "EpisodeOfCare", "status": "active", "period": {"start": "2026-01-01"}}
    open_entry = entry(care, "care-packages", started=NOON)
    label = Label(ACUTE, open_entry.category, open_entry.sensitivity)
    stated = state(open_entry, label)
    both = encode(open_entry, stated, person_id=IVY, number=1, label=label, provenance=SOURCE, at=NOON)

    closed = close(both.resource, both.summary, ended=NOON, digest=b"closed", at=NOON)

    resource, summary = orjson.loads(closed.resource), orjson.loads(closed.summary)
    assert (resource["status"], resource["period"]["end"], resource["meta"]["versionId"]) == (
        "finished",
        "2026-07-01",
        version_id(b"closed", NOON),
    )
    assert (summary["standing"], summary["version"]) == ("ended", version_id(b"closed", NOON))


def test_a_version_is_called_by_what_it_is_and_not_by_how_many_there_were() -> None:
    later = NOON + timedelta(microseconds=1)

    assert len({version_id(b"x", NOON), version_id(b"y", NOON), version_id(b"x", later)}) == 3
    assert version_id(b"x", NOON) == version_id(b"x", NOON.astimezone(ZoneInfo("Asia/Tokyo")))


def home(line_1: str, postcode: str) -> Entry:
    return entry({"resourceType": "Patient", "address": [{"line": [line_1], "postalCode": postcode}]}, "address")


def test_an_address_is_the_same_however_it_is_written() -> None:
    assert comparison_of(home("12 Canal Street, Wulfrun", "ZX1 1AA")) == comparison_of(
        home("12 canal street", "zx11aa")
    )
    assert comparison_of(home("12 Canal Street", "ZX1 1AA")) != comparison_of(home("14 Canal Street", "ZX1 1AA"))


def test_an_address_for_a_while_is_not_where_somebody_lives() -> None:
    away = {"use": "temp", "line": ["7 Sea View"], "postalCode": "ZX9 9ZZ"}
    lives = {"use": "home", "line": ["12 Canal Street"], "postalCode": "ZX1 1AA"}
    told = entry({"resourceType": "Patient", "address": [away, lives]}, "address")
    assert comparison_of(told) == "postcode=zx11aa;line=12canalstreet"
    assert comparison_of(entry({"resourceType": "Patient", "address": [away]}, "address")) is None


def test_who_somebody_is_is_compared_by_birth_gender_and_family_name() -> None:
    told = {"birthDate": "1951-07-04", "gender": "female", "name": [{"family": "O'Neill", "given": ["Mary"]}]}
    assert comparison_of(entry({"resourceType": "Patient"} | told, "demographics")) == (
        "born=1951-07-04;gender=female;family=oneill"
    )
    assert comparison_of(entry({"resourceType": "Patient", "gender": "female"}, "demographics")) == "gender=female"


@pytest.mark.parametrize(
    ("told", "compared"),
    [
        ({}, None),
        ({"deceasedBoolean": False}, "alive=yes"),
        ({"deceasedBoolean": True}, "alive=no"),
        ({"deceasedDateTime": "2026-01-31T10:00:00Z"}, "alive=no;died=2026-01-31"),
        ({"deceasedDateTime": "2026"}, "alive=no"),
    ],
)
def test_whether_and_when_somebody_died_is_compared_where_it_is_said(
    told: dict[str, Any], compared: str | None
) -> None:
    assert comparison_of(entry({"resourceType": "Patient"} | told, "demographics")) == compared


@pytest.mark.parametrize(
    ("system", "code", "compared"),
    [
        ("https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland", "A", "category=A"),
        ("https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland", "Z", None),  # not stated
        ("https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland", "99", None),  # not known
        ("https://council.example/ethnicity", "A", None),
    ],
)
def test_ethnicity_is_compared_by_the_nhs_list_alone_and_only_where_it_is_stated(
    system: str, code: str, compared: str | None
) -> None:
    concept = {
        "coding": [{"system": "https://council.example/ethnicity", "code": "W1"}, {"system": system, "code": code}]
    }
    told = {"resourceType": "Patient", "extension": [{"valueCodeableConcept": concept}]}
    assert comparison_of(entry(told, "ethnicity")) == compared


@pytest.mark.parametrize("category", ["address", "gp-practice", "about-me"])
def test_an_account_that_tells_nothing_of_its_heading_compares_with_nothing(category: str) -> None:
    assert comparison_of(entry({"resourceType": "Patient"}, category)) is None


def test_what_is_known_to_the_day_is_told_by_its_date_in_london() -> None:
    """Whoever cuts an instant off after its date reads the day before, of each day of summer."""
    summer, winter = datetime(2026, 6, 30, 23, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    told = written(entry({"resourceType": "Condition"}, started=summer, ended=winter, recorded=summer))[1]

    assert (told["started"], told["ended"], told["recorded"]) == ("2026-07-01", "2026-12-01", "2026-07-01")
    assert [instant_told(told[name]) for name in ("started", "ended")] == [summer, winter]
    assert instant_told(NOON.isoformat()) == NOON


def test_what_was_refuted_is_told_apart_from_what_stands() -> None:
    def penicillin(verification: str) -> Entry:
        told = {"resourceType": "AllergyIntolerance", "verificationStatus": {"coding": [{"code": verification}]}}
        return replace(entry(told, "allergies"), concept="http://snomed.info/sct|91936005")

    assert comparison_of(penicillin("confirmed")) == "http://snomed.info/sct|91936005"
    assert comparison_of(penicillin("refuted")) == "refuted=http://snomed.info/sct|91936005"


def test_a_practice_is_told_by_its_code() -> None:
    practice = {"resourceType": "Patient", "generalPractitioner": [{"identifier": {"value": "M92001"}}]}

    assert comparison_of(entry(practice, "gp-practice")) == "practice=m92001"


def test_a_next_of_kin_is_told_by_name_and_any_other_relative_by_nothing() -> None:
    def related(code: str) -> Entry:
        kin = {
            "resourceType": "RelatedPerson",
            "name": [{"family": "Ashe"}],
            "relationship": [{"coding": [{"code": code}]}],
        }
        return entry(kin, "contacts")

    assert comparison_of(related("N")) == comparison_of(related("NOK")) == "next-of-kin=ashe"
    assert comparison_of(related("C")) is None
