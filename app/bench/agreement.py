"""What proving an agreement takes: a million people, and past decisions made again after what is known changed."""

import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind
from app.audit.telling import disclosure
from app.audit.trail import record
from app.database.transactions import transaction
from app.governance.commands.replay import outcomes
from app.governance.proving.comparison import compare, pair_of
from app.governance.proving.population import affected, edges_of
from app.governance.signing.agreeing import keep_versions
from app.identity.requester import Requester
from app.record.inquiry import Inquiry
from app.sharing.decide import decide
from app.sharing.known.former_store import facts_then
from app.sharing.known.signature_store import people_alike
from app.sharing.law import Agreements
from app.vocabulary.token import READ

_AT_ONCE: Final = 1000

_PEOPLE: Final = """
    INSERT INTO person (id, created_at) SELECT gen_random_uuid(), now() FROM generate_series(1, %(people)s)
"""
_RELATIONSHIPS: Final = """
    INSERT INTO relationship (person_id, partner, message, key, kind, organisation, started, ended)
    SELECT id, held.organisation, 1, held.kind || '/' || id, held.kind, held.organisation,
           now() - interval '30 days', CASE WHEN random() < 0.2 THEN now() - interval '1 day' END
    FROM person, (VALUES ('registration', 'M92001', 1.0), ('tenancy', 'WH100', 0.15), ('admission', 'RL4', 0.1),
                         ('caseload', 'RL4C', 0.08), ('referral', 'RRE', 0.03), ('care-package', 'LA508', 0.03))
         AS held (kind, organisation, share)
    WHERE abs(hashtext(id::text || held.kind) %% 1000) < 1000 * held.share
"""
_FLAGS: Final = """
    INSERT INTO person_flag (person_id, partner, kind, raised, since, message)
    SELECT id, told.partner, told.kind, true, now() - random() * interval '300 days', 1
    FROM person, (VALUES ('dissent', 'RL4', 0.02), ('deceased', 'M92001', 0.01),
                         ('location-restricted', 'LA508', 0.005))
         AS told (kind, partner, share)
    WHERE abs(hashtext(id::text || told.kind) %% 1000) < 1000 * told.share
"""
_CHANGES: Final = (
    "UPDATE relationship SET ended = now() WHERE id % 2 = 0",
    "UPDATE relationship SET revoked = started WHERE id % 5 = 0",
    "DELETE FROM relationship WHERE id % 7 = 0",
    "UPDATE person_flag SET raised = NOT raised",
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What it took, in seconds, and what came out of it."""

    people: int
    kinds_of_people: int
    cells: int
    comparing: float
    counting: float
    decisions: int
    the_same: int
    another: int
    replaying: float


def populate(engine: Engine, people: int) -> None:
    """Make that many people with relationships and flags in shares like a place's."""
    with transaction(engine) as connection:
        for statement in (_PEOPLE, _RELATIONSHIPS, _FLAGS):
            connection.exec_driver_sql(statement, {"people": people})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE person, relationship, person_flag")


def prove(engine: Engine, agreements: Agreements, *, people: int, decisions: int, key: ChainKey) -> Proof:
    """Compare an agreement with one of fewer clauses over everyone, then decide, change what is known, decide again."""
    law = agreements.documents[0]
    fewer = law.model_copy(update={"grants": law.grants[:-2], "prohibitions": law.prohibitions[:-2]})
    begun = time.perf_counter()
    pair = pair_of(law, fewer)
    compared = compare(pair)
    comparing, begun = time.perf_counter() - begun, time.perf_counter()
    at = datetime.now(UTC)
    with engine.connect() as connection:
        alike = people_alike(connection, at=at, edges=[edge + (at - pair.at) for edge in edges_of(pair)])
    affected(pair, alike)
    counting = time.perf_counter() - begun
    since = _decide_many(engine, agreements, decisions, key)
    begun = time.perf_counter()
    with engine.connect() as connection:
        found = outcomes(connection, since)
    replaying = time.perf_counter() - begun
    return Proof(
        people, len(alike), compared.cells, comparing, counting, decisions, found["the same"], _other(found), replaying
    )


def _other(found: Counter[str]) -> int:
    return found.total() - found["the same"]


def _decide_many(engine: Engine, agreements: Agreements, decisions: int, key: ChainKey) -> datetime:
    """Random requesters of random people, each told to the trail; then what is known of most of them changes."""
    chance, since = random.Random(1), datetime.now(UTC)  # noqa: S311  # chance, not secrecy
    with transaction(engine) as connection:
        keep_versions(connection, agreements, at=since)
        found = connection.exec_driver_sql("SELECT id FROM person ORDER BY id LIMIT 20000")
        people = [person for (person,) in found]
    for done in range(0, decisions, _AT_ONCE):
        with transaction(engine) as connection:
            asked = chance.choices(people, k=min(_AT_ONCE, decisions - done))
            record(connection, _events(connection, asked, agreements, chance), key=key)
    with transaction(engine) as connection:
        for statement in _CHANGES:
            connection.exec_driver_sql(statement.replace("%", "%%"))
    return since


def _events(connection: Connection, asked: list[UUID], agreements: Agreements, chance: random.Random) -> list[Event]:
    at = datetime.now(UTC)
    asks = sorted(ask for ask, terms in agreements.in_force(at).terms.items() if terms.grants and ask.action == READ)
    events = []
    for person, facts in zip(asked, facts_then(connection, [(person, at) for person in asked]), strict=True):
        ask = chance.choice(asks)
        requester = Requester(
            subject=f"user-{chance.randrange(500)}",
            issuer="local",
            name="someone",
            organisation=ask.organisation,
            role=ask.role,
            training_until=(at + timedelta(days=chance.choice([-2, 100, 100, 100]))).date(),
        )
        inquiry = Inquiry(id=uuid4(), requester=requester, purpose=ask.purpose, at=at)
        decision = decide(requester, action=READ, purpose=ask.purpose, facts=facts, agreements=agreements, at=at)
        shown = chance.sample(sorted(decision.permitted, key=str), k=min(5, len(decision.permitted)))
        events.append(disclosure(inquiry, Kind.VIEW, person, decision, id=inquiry.id, action=READ, labels=shown))
    return events
