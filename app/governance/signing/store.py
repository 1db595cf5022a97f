"""Where versions of agreements, their lives, keys and signatures are kept."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.governance.signing.lifecycle import State, Step
from app.governance.signing.models import agreement_signature, agreement_step, agreement_version, party_key
from app.governance.signing.signatures import Act, PartyKey
from app.sharing.decision import AgreementVersion
from app.vocabulary.ods_code import OdsCode

_STATES = """
    SELECT DISTINCT ON (sha256) sha256, state FROM agreement_step WHERE sha256 = ANY (%s) ORDER BY sha256, id DESC
"""


class Signature(NamedTuple):
    """One party's signature as it is kept."""

    party: OdsCode
    act: Act
    at: datetime
    signature: bytes
    key: PartyKey


def put_version(connection: Connection, version: AgreementVersion, said: bytes, *, at: datetime) -> None:
    """Keep what a version says; once."""
    row = {"sha256": version.sha256, "isa": version.id, "version": version.version, "said": said, "recorded": at}
    connection.execute(upsert(agreement_version).values(row).on_conflict_do_nothing())


def said_by(connection: Connection, sha256s: Iterable[str]) -> dict[str, bytes]:
    """What versions say, by hash; those that are not kept are left out."""
    query = select(agreement_version.c.sha256, agreement_version.c.said)
    found = connection.execute(query.where(agreement_version.c.sha256.in_(list(sha256s))))
    return {sha256: bytes(said) for sha256, said in found}


def hold_version(connection: Connection, sha256: str) -> None:
    """Let nobody else change its life until the transaction ends."""
    query = select(agreement_version.c.sha256).where(agreement_version.c.sha256 == sha256)
    connection.execute(query.with_for_update())


def states(connection: Connection, sha256s: Iterable[str]) -> dict[str, State]:
    """Where versions stand, by hash; those to which nothing happened yet are left out."""
    found = connection.exec_driver_sql(_STATES, (list(sha256s),))
    return {sha256: State(state) for sha256, state in found}


async def states_now(connection: AsyncConnection[TupleRow], sha256s: Iterable[str]) -> Mapping[str, State]:
    """The same for the web."""
    found = await connection.execute(_STATES, (list(sha256s),))
    return {sha256: State(state) for sha256, state in await found.fetchall()}


def put_step(connection: Connection, sha256: str, step: Step, state: State, *, by: str, at: datetime) -> None:
    """Keep what happened to a version."""
    row = {"sha256": sha256, "step": step, "state": state, "by": by, "at": at}
    connection.execute(insert(agreement_step).values(row))


def times(connection: Connection, sha256: str, step: Step) -> int:
    """How often something happened to a version."""
    happened = (agreement_step.c.sha256 == sha256) & (agreement_step.c.step == step)
    return connection.execute(select(func.count()).where(happened)).scalar_one()


def put_key(connection: Connection, key: PartyKey, *, at: datetime) -> bool:
    """Keep a party's key; `False` for one that is kept already, for whichever party."""
    row = {"fingerprint": key.fingerprint, "party": key.party, "pem": key.pem, "registered": at}
    added = upsert(party_key).values(row).on_conflict_do_nothing().returning(party_key.c.fingerprint)
    return connection.execute(added).first() is not None


def revoke_key(connection: Connection, fingerprint: str, *, at: datetime) -> bool:
    """Let a key sign nothing more, and let what it signed count no longer; `False` where there is no such key."""
    unrevoked = (party_key.c.fingerprint == fingerprint) & party_key.c.revoked.is_(None)
    return connection.execute(update(party_key).where(unrevoked).values(revoked=at)).rowcount == 1


def keys_of(connection: Connection, party: OdsCode | None = None) -> list[PartyKey]:
    """The keys of a party, or of all, that are not revoked."""
    query = select(party_key.c.party, party_key.c.fingerprint, party_key.c.pem).where(party_key.c.revoked.is_(None))
    if party is not None:
        query = query.where(party_key.c.party == party)
    found = connection.execute(query.order_by(party_key.c.party, party_key.c.registered))
    return [PartyKey(OdsCode(code), fingerprint, pem) for code, fingerprint, pem in found]


def put_signature(
    connection: Connection, sha256: str, act: Act, key: PartyKey, signature: bytes, *, at: datetime
) -> None:
    """Keep a party's signature."""
    row = {"sha256": sha256, "party": key.party, "act": act, "at": at}
    row |= {"fingerprint": key.fingerprint, "signature": signature}
    connection.execute(insert(agreement_signature).values(row))


def signatures(connection: Connection, sha256: str) -> list[Signature]:
    """Every signature under a version by a key that is not revoked, in order."""
    signed, key = agreement_signature.c, party_key.c
    query = (
        select(signed.party, signed.act, signed.at, signed.signature, key.fingerprint, key.pem)
        .join(party_key, key.fingerprint == signed.fingerprint)
        .where(signed.sha256 == sha256, key.revoked.is_(None))
        .order_by(signed.at)
    )
    return [
        Signature(OdsCode(party), Act(act), at, bytes(signature), PartyKey(OdsCode(party), fingerprint, pem))
        for party, act, at, signature, fingerprint, pem in connection.execute(query)
    ]
