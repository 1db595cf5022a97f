"""Agreeing on one version at a place: whose signatures it takes, and what is served."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Connection, Engine, text
from typer.testing import CliRunner, Result

from app.audit.acting import Acting
from app.audit.chain import ChainKey
from app.cli import app
from app.database.transactions import plain_address, transaction
from app.errors import DomainError
from app.governance.signing import agreeing, following, store
from app.governance.signing.agreeing import NotSigned, move, register_key, revoke_key, sign, state_of, unsigned
from app.governance.signing.lifecycle import NotInThisState, State, Step
from app.governance.signing.signatures import Act, payload
from app.settings import settings
from app.sharing.compile import compile_agreements, version_of
from app.sharing.facts import Account, PersonFacts
from app.sharing.law import Agreements
from app.sharing.written.document import Agreement
from app.vocabulary.token import READ, Purpose
from tests.conftest import PATIENCE
from tests.governance.keys import Signer, ed25519_signer, pem
from tests.sharing.worlds import CORNER, NOON, World, changed, corner, related, someone

SMALL = changed(corner.agreements.documents[0], status="draft")
TRUST, COUNCIL, STRANGER = (ed25519_signer(code) for code in ("TTT", "CCC", "ZZZ"))
ACTING = Acting(by=Account("command-line", "ines"), at=NOON, key=ChainKey(b"k" * 32), new_id=uuid4)
WORLD = World(someone("nurse", "TTT"), PersonFacts(relationships=(related("referral", "TTT"),)), READ, Purpose("care"))


def approve(connection: Connection, signer: Signer, agreement: Agreement = SMALL, act: Act = Act.APPROVE) -> State:
    signature = signer.sign(agreeing.to_sign(connection, agreement, act, signer.party))
    return sign(connection, agreement, act, signer.party, signature, ACTING)


def agreed(connection: Connection, agreement: Agreement = SMALL) -> None:
    for signer in (TRUST, COUNCIL):
        register_key(connection, signer.key, ACTING)
    move(connection, agreement, Step.SIMULATE, ACTING)
    for signer in (TRUST, COUNCIL):
        approve(connection, signer, agreement)


def told(connection: Connection) -> list[str]:
    events = connection.execute(text("SELECT event FROM audit_event ORDER BY event->>'id'")).scalars()
    return [f"{event['kind']} {event['reason']}" for event in events]


def test_the_last_partys_signature_approves(engine: Engine) -> None:
    with transaction(engine) as connection:
        for signer in (TRUST, COUNCIL):
            register_key(connection, signer.key, ACTING)
        move(connection, SMALL, Step.SIMULATE, ACTING)
        assert approve(connection, TRUST) is State.SIMULATED
        assert unsigned(connection, SMALL) == {COUNCIL.party}
        assert approve(connection, COUNCIL) is State.APPROVED
        assert move(connection, SMALL, Step.BEGIN, ACTING) is State.IN_FORCE
        assert sorted(told(connection)) == [
            "agreement-changed approve/CCC",
            "agreement-changed begin",
            "agreement-changed signed/TTT",
            "agreement-changed simulate",
            "party-key-changed registered/CCC",
            "party-key-changed registered/TTT",
        ]


def test_what_was_not_simulated_cannot_be_signed(engine: Engine) -> None:
    with transaction(engine) as connection:
        register_key(connection, TRUST.key, ACTING)
        with pytest.raises(NotInThisState, match="draft cannot approve"):
            approve(connection, TRUST)


def test_other_words_are_another_version_that_nobody_signed(engine: Engine) -> None:
    with transaction(engine) as connection:
        agreed(connection)
        other = changed(SMALL, title="Another")
        assert (state_of(connection, SMALL), state_of(connection, other)) == (State.APPROVED, State.DRAFT)
        assert unsigned(connection, other) == {TRUST.party, COUNCIL.party}


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(lambda: COUNCIL.sign(payload(Act.APPROVE, version_of(SMALL), TRUST.party)), id="another's key"),
        pytest.param(lambda: STRANGER.sign(payload(Act.APPROVE, version_of(SMALL), TRUST.party)), id="unregistered"),
        pytest.param(lambda: TRUST.sign(payload(Act.SUSPEND, version_of(SMALL), TRUST.party)), id="another act"),
        pytest.param(lambda: b"", id="nothing"),
    ],
)  # fmt: skip
def test_no_other_signature_is_taken(engine: Engine, signature: Callable[[], bytes]) -> None:
    with transaction(engine) as connection:
        for signer in (TRUST, COUNCIL):
            register_key(connection, signer.key, ACTING)
        move(connection, SMALL, Step.SIMULATE, ACTING)
        with pytest.raises(NotSigned, match="no key that the party registered"):
            sign(connection, SMALL, Act.APPROVE, TRUST.party, signature(), ACTING)
        assert unsigned(connection, SMALL) == {TRUST.party, COUNCIL.party}


def test_whoever_is_no_party_signs_nothing(engine: Engine) -> None:
    with transaction(engine) as connection:
        register_key(connection, STRANGER.key, ACTING)
        move(connection, SMALL, Step.SIMULATE, ACTING)
        with pytest.raises(NotSigned, match="no party"):
            approve(connection, STRANGER)


def test_a_key_is_registered_once_and_for_one_party(engine: Engine) -> None:
    with transaction(engine) as connection:
        register_key(connection, TRUST.key, ACTING)
        with pytest.raises(NotSigned, match="registered already"):
            register_key(connection, replace(TRUST.key, party=COUNCIL.party), ACTING)


def test_what_a_revoked_key_signed_does_not_begin(engine: Engine) -> None:
    with transaction(engine) as connection:
        agreed(connection)
        revoke_key(connection, TRUST.key.fingerprint, ACTING)
        with pytest.raises(NotSigned, match="no signature that still counts from TTT"):
            move(connection, SMALL, Step.BEGIN, ACTING)


def test_a_signature_that_was_changed_where_it_is_kept_does_not_count(engine: Engine) -> None:
    with transaction(engine) as connection:
        agreed(connection)
        connection.execute(text("UPDATE agreement_signature SET signature = 'forged' WHERE party = 'TTT'"))
        assert unsigned(connection, SMALL) == {TRUST.party}
        with pytest.raises(NotSigned):
            move(connection, SMALL, Step.BEGIN, ACTING)


def test_any_party_can_suspend_alone_and_only_the_lead_resumes(engine: Engine) -> None:
    with transaction(engine) as connection:
        agreed(connection)
        move(connection, SMALL, Step.BEGIN, ACTING)
        assert approve(connection, COUNCIL, act=Act.SUSPEND) is State.SUSPENDED
        assert move(connection, SMALL, Step.RESUME, ACTING) is State.IN_FORCE


def test_a_suspension_that_was_signed_suspends_once(engine: Engine) -> None:
    with transaction(engine) as connection:
        agreed(connection)
        move(connection, SMALL, Step.BEGIN, ACTING)
        kept = COUNCIL.sign(agreeing.to_sign(connection, SMALL, Act.SUSPEND, COUNCIL.party))
        assert sign(connection, SMALL, Act.SUSPEND, COUNCIL.party, kept, ACTING) is State.SUSPENDED
        move(connection, SMALL, Step.RESUME, ACTING)
        with pytest.raises(NotSigned, match="no key that the party registered"):
            sign(connection, SMALL, Act.SUSPEND, COUNCIL.party, kept, ACTING)
        assert state_of(connection, SMALL) is State.IN_FORCE
        later = replace(ACTING, at=NOON + timedelta(hours=1))
        anew = COUNCIL.sign(agreeing.to_sign(connection, SMALL, Act.SUSPEND, COUNCIL.party))
        assert sign(connection, SMALL, Act.SUSPEND, COUNCIL.party, anew, later) is State.SUSPENDED


def test_what_decided_can_be_read_again_by_its_hash(engine: Engine) -> None:
    with transaction(engine) as connection:
        agreeing.keep_versions(connection, corner.agreements, at=NOON)
        kept = agreeing.versions_kept(connection, [str(version_of(SMALL))])
        assert kept is not None
        assert version_of(kept.documents[0].model_copy(update={"effective": SMALL.effective})) == version_of(SMALL)
        assert WORLD.decide(kept).permitted == WORLD.decide(corner.agreements).permitted
        assert agreeing.versions_kept(connection, ["corner@9.9.9#" + "0" * 64]) is None


# ── What is served ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_what_is_in_force_by_its_life_is_lawful_whatever_its_file_says() -> None:
    written = compile_agreements([changed(SMALL, status="in-force")])
    assert WORLD.decide(agreeing.lawful(written, {})).denied
    for state in State:
        lawful = agreeing.lawful(written, {version_of(SMALL).sha256: state})
        assert WORLD.decide(lawful).denied is (state is not State.IN_FORCE)
        assert not lawful.in_force(NOON).agreements or lawful.in_force(NOON).agreements == (version_of(SMALL),)


def test_a_place_that_demands_signatures_follows_the_life_of_its_agreements(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY", 0.02)
    address = plain_address(engine.url)
    ruled: list[Agreements] = []

    def step(*steps: Step) -> None:
        with transaction(engine) as connection:
            for each in steps:
                move(connection, SMALL, each, ACTING)

    async def until(denied: bool) -> None:
        while not ruled or WORLD.decide(ruled[-1]).denied is not denied:
            await asyncio.sleep(0.01)

    async def followed() -> None:
        pool: AsyncConnectionPool[AsyncConnection] = AsyncConnectionPool(address, min_size=1, max_size=1, open=False)
        async with (
            pool,
            following.following(compile_agreements([SMALL]), pool, ruled.append),
            asyncio.timeout(PATIENCE),
        ):
            await until(denied=True)
            with transaction(engine) as connection:
                agreed(connection)
            step(Step.BEGIN)
            await until(denied=False)
            step(Step.SUSPEND)
            await until(denied=True)
            step(Step.RESUME)
            await until(denied=False)
            with transaction(engine) as connection:
                connection.execute(text("ALTER TABLE agreement_step RENAME TO gone"))
            await until(denied=True)

    asyncio.run(followed())


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["isa", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def _place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    monkeypatch.setenv("PISANO_VAR", str(tmp_path / "var"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("_place")
def test_an_agreement_is_signed_at_the_command_line(tmp_path: Path) -> None:
    for signer in (TRUST, COUNCIL):
        (tmp_path / f"{signer.party}.pem").write_bytes(pem(signer.private))
        added = run("party-key", "add", tmp_path / f"{signer.party}.pem", "--party", signer.party)
        assert added.output == f"{signer.key.fingerprint}  {signer.party}\n"
    assert "is simulated" in run("simulate", CORNER, "--no-place", "--record").output
    for signer in (TRUST, COUNCIL):
        signed = run("sign-payload", CORNER, "--party", signer.party).stdout_bytes
        assert signed == payload(Act.APPROVE, version_of(SMALL), signer.party)
        (tmp_path / "signature").write_bytes(signer.sign(signed))
        last = run("approve", CORNER, "--party", signer.party, "--signature", tmp_path / "signature")
    assert "is approved" in last.output
    assert "is in-force" in run("begin", CORNER).output
    status = json.loads(run("status", CORNER, "--json").output)
    assert (status["state"], status["missing"], len(status["signed"])) == ("in-force", [], 2)
    for _ in range(2):
        (tmp_path / "payload").write_bytes(
            run("sign-payload", CORNER, "--party", "CCC", "--act", "suspend").stdout_bytes
        )
        (tmp_path / "signature").write_bytes(COUNCIL.sign((tmp_path / "payload").read_bytes()))
        suspended = run("suspend", CORNER, "--party", "CCC", "--signature", tmp_path / "signature")
        assert "is suspended" in suspended.output
        assert "is in-force" in run("resume", CORNER).output
    assert "is suspended" in run("suspend", CORNER).output
    assert "is in-force" in run("resume", CORNER).output
    assert "is ended" in run("end", CORNER).output
    with pytest.raises(DomainError, match="cannot begin"):
        run("begin", CORNER)


def test_diff_tells_what_changed_place_by_place(tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    text = CORNER.read_text(encoding="utf-8").replace("version: 1.0.0", "version: 1.1.0")
    new.write_text(text.replace("categories: [body, address]", "categories: [body, legal]"), encoding="utf-8")
    assert run("diff", CORNER, new).output.splitlines() == [
        "- grants/G-NURSE/categories: address",
        "+ grants/G-NURSE/categories: legal",
        "- version: 1.0.0",
        "+ version: 1.1.0",
    ]
    assert run("diff", CORNER, CORNER).output == "nothing changed\n"


def test_store_keeps_states_apart_by_version(engine: Engine) -> None:
    with transaction(engine) as connection:
        agreed(connection)
        assert store.states(connection, [version_of(SMALL).sha256, "0" * 64]) == {
            version_of(SMALL).sha256: State.APPROVED
        }
