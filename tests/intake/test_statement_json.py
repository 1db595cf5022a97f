"""A statement that waits for a person comes back as it was."""

from datetime import UTC, date, datetime
from decimal import Decimal

from app.intake.statement_json import dump, load
from app.vocabulary.category import Category
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, PersonFlag, Relationship, Standing, Statement, Subject, Tracing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_waiting_statement_comes_back_whole() -> None:
    statement = Statement(
        subject=Subject(
            local_id="T1",
            nhs_number=NHSNumber("9990000018"),
            tracing=Tracing.VERIFIED,
            family_name="Ashe",
            given_names=("Ivy", "May"),
            birth_date=date(1940, 2, 29),
            death_date=date(2026, 1, 1),
        ),
        line=7,
        entries=(
            Entry(
                key="DocumentReference/1",
                category=Category("documents"),
                resource={"resourceType": "DocumentReference", "status": "current"},
                title="Letter",
                line=7,
                sensitivity=Sensitivity.RESTRICTED,
                started=NOON,
                standing=Standing.ENDED,
                keeps=("status",),
                attachment=b"%PDF-\x00\xff",
            ),
        ),
        flags=(PersonFlag(kind=FlagKind.DISSENT, raised=True),),
        relationships=(
            Relationship(key="a", kind="tenancy", started=NOON, ended=NOON, organisation=OdsCode("WH100")),
            Relationship(key="b", kind="referral", started=NOON),
        ),
    )

    assert load(dump(statement)) == statement


def test_a_subject_of_whom_nothing_is_known_comes_back_so() -> None:
    statement = Statement(subject=Subject(), line=1)

    assert load(dump(statement)) == statement


def test_a_number_that_waits_keeps_its_digits() -> None:
    resource = {"resourceType": "Observation", "valueQuantity": {"value": Decimal("12.50")}}
    entry = Entry(key="O/1", category=Category("results"), resource=resource, title="12.50", line=1, only_if_new=True)
    statement = Statement(subject=Subject(), line=1, entries=(entry,))

    assert b'"value":12.50' in dump(statement)
    assert str(load(dump(statement)).entries[0].resource["valueQuantity"]["value"]) == "12.50"
    assert load(dump(statement)) == statement
