"""A place that demands signatures shows nobody anything until its agreement is signed and begun."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.audit.acting import Acting
from app.audit.keys import chain_key
from app.database.transactions import transaction
from app.governance.signing.agreeing import move, register_key, sign
from app.governance.signing.lifecycle import Step
from app.governance.signing.signatures import Act, payload
from app.main import create_app
from app.record.inquiry import Inquiry
from app.settings import Settings
from app.sharing.compile import version_of
from app.sharing.facts import Account
from app.vocabulary.token import Purpose
from tests.governance.keys import ed25519_signer
from tests.scenarios.conftest import As
from tests.sharing.worlds import LAW, someone


@pytest.fixture(scope="module")
def signed_client(place: Engine, module_database_url: str, settings: Settings) -> Iterator[TestClient]:
    demanding = settings.model_copy(update={"signed_agreements": True})
    with TestClient(create_app(demanding, module_database_url), raise_server_exceptions=False) as opened:
        yield opened


def move_all(engine: Engine, settings: Settings, *steps: Step) -> None:
    acting = Acting(by=Account("command-line", "ines"), at=datetime.now(UTC), key=chain_key(settings), new_id=uuid4)
    for step in steps:
        with transaction(engine) as connection:
            if step is not Step.APPROVE:
                move(connection, LAW, step, acting)
                continue
            for party in LAW.parties:
                signer = ed25519_signer(party.ods)
                register_key(connection, signer.key, acting)
                signature = signer.sign(payload(Act.APPROVE, version_of(LAW), signer.party))
                sign(connection, LAW, Act.APPROVE, signer.party, signature, acting)


def wait_until(nurse: As, people: list[str], status: int) -> None:
    deadline = datetime.now(UTC) + timedelta(minutes=1)
    while {nurse.get(f"/api/persons/{person}").status_code for person in people} != {status}:
        assert datetime.now(UTC) < deadline, "what is served did not follow"


def guests_let_in(client: TestClient) -> bool:
    """Whether the teams' desk lets anybody invite guests, by the agreement as it now stands."""
    desk = client.app._app.state.place.desk  # type: ignore[attr-defined]
    asked = Inquiry(id=uuid4(), requester=someone("nurse", "RL4C"), purpose=Purpose("mdt"), at=datetime.now(UTC))
    return bool(desk.guest_profiles(asked))


def test_nothing_is_shown_until_every_party_signed_and_it_began_nor_while_it_is_suspended(
    place: Engine, signed_client: TestClient, settings: Settings
) -> None:
    with place.connect() as connection:
        query = text(
            "SELECT person_id FROM relationship WHERE kind = 'caseload' AND organisation = 'RL4C' AND ended IS NULL"
        )
        people = [str(person) for person in connection.execute(query).scalars()][:2]
    nurse = As(signed_client, settings, "nurse", "direct-care", None)
    assert people
    wait_until(nurse, people, 404)
    assert not guests_let_in(signed_client)
    move_all(place, settings, Step.SIMULATE, Step.APPROVE)
    wait_until(nurse, people, 404)
    move_all(place, settings, Step.BEGIN)
    wait_until(nurse, people, 200)
    assert guests_let_in(signed_client)
    move_all(place, settings, Step.SUSPEND)
    wait_until(nurse, people, 404)
