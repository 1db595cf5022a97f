"""Checking a trail with nothing but signed heads and an export: no key, no database."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, text

from app.audit.acting import COMMAND_LINE, Acting
from app.audit.checking.anchors import TrailHead, seal, sealed_heads
from app.audit.checking.export import NoExport, checked, contradictions, exported
from app.audit.checking.sealing import verified
from app.audit.reading import forget
from app.database.transactions import transaction
from app.sharing.facts import Account
from tests.audit.acts import AT, KEY, recorded, tampering, view

LATER = datetime(2026, 6, 2, tzinfo=UTC)
OPERATOR = Acting(by=Account(COMMAND_LINE, "operator"), at=LATER, key=KEY, new_id=uuid4)


def head(engine: Engine, at: datetime = LATER) -> TrailHead:
    return TrailHead(at, KEY.name, verified(engine, KEY, []).chains)


def export(engine: Engine, *, with_events: bool = False) -> list[bytes]:
    with engine.connect() as connection:
        return list(exported(connection, at=LATER, with_events=with_events))


def faults(lines: Iterable[bytes], *heads: TrailHead) -> list[str]:
    return [f"{fault.wrong}" for fault in checked(lines, heads)[1]]


@pytest.mark.parametrize("with_events", [False, True])
def test_an_export_of_the_trail_that_was_sealed_is_as_its_head_counted(engine: Engine, with_events: bool) -> None:
    recorded(engine, view(1), view(2))
    sealed = head(engine)
    recorded(engine, view(3))
    lines = export(engine, with_events=with_events)
    assert checked(lines, [sealed]) == (3, [])


def test_an_export_of_leaves_says_nothing_of_anybody(engine: Engine) -> None:
    recorded(engine, view(1))
    said = b"".join(export(engine))
    assert b"nurse" not in said
    assert str(view(1).person).encode() not in said
    assert b"nurse.7" in b"".join(export(engine, with_events=True))


@pytest.mark.parametrize("with_events", [False, True])
def test_whoever_kept_heads_can_tell_a_trail_that_a_holder_of_the_key_rewrote(
    engine: Engine, with_events: bool
) -> None:
    recorded(engine, view(1), view(2), view(3))
    sealed = head(engine)
    with tampering(engine) as connection:
        connection.execute(text("DELETE FROM audit_event"))
        connection.execute(text("DELETE FROM audit_chain"))
    recorded(engine, view(1), view(3), view(4))
    assert verified(engine, KEY, []).faults == ()
    assert faults(export(engine, with_events=with_events), sealed) == ["sealed otherwise"]


def test_what_was_cut_off_after_the_head_is_missed(engine: Engine) -> None:
    recorded(engine, view(1), view(2))
    sealed = head(engine)
    lines = export(engine)
    assert faults([*lines[:2], lines[-1]], sealed) == ["sealed otherwise"]
    assert "deleted" in faults([lines[0], *lines[2:]], sealed)


def test_an_event_that_is_not_its_leafs_is_told(engine: Engine) -> None:
    recorded(engine, view(1), view(2))
    lines = export(engine, with_events=True)
    forged = orjson.loads(lines[1])
    forged["event"] = forged["event"].replace("nurse.7", "nurse.8")
    assert faults([lines[0], orjson.dumps(forged), *lines[2:]], head(engine)) == ["edited"]


def test_heads_that_contradict_each_other_are_told_without_any_export(engine: Engine) -> None:
    recorded(engine, view(1), view(2))
    first = head(engine, AT)
    with tampering(engine) as connection:
        connection.execute(text("DELETE FROM audit_event"))
        connection.execute(text("DELETE FROM audit_chain"))
    recorded(engine, view(7))
    assert len(contradictions([head(engine), first])) == 1
    recorded(engine, view(8))
    assert len(contradictions([first, head(engine)])) == 1
    assert contradictions([first, first]) == []


def test_what_retention_forgot_leaves_every_head_and_export_whole(engine: Engine, tmp_path: Path) -> None:
    recorded(engine, view(1), view(2))
    sealed, key = head(engine), Ed25519PrivateKey.generate()
    seal(sealed, key, tmp_path)
    with transaction(engine) as connection:
        assert forget(connection, OPERATOR, before=LATER) == 2
    kept, unsigned = sealed_heads(tmp_path, key.public_key())
    assert (verified(engine, KEY, kept).faults, unsigned) == ((), [])
    lines = export(engine, with_events=True)
    assert checked(lines, kept) == (3, [])
    assert b"nurse.7" not in b"".join(lines)


@pytest.mark.parametrize("cut", [0, 1, -1])
def test_what_is_no_whole_export_is_refused(engine: Engine, cut: int) -> None:
    recorded(engine, view(1))
    lines = export(engine)
    broken = {0: [], 1: lines[1:], -1: lines[:-1]}[cut]
    with pytest.raises(NoExport):
        checked(broken, [])
    with pytest.raises(NoExport):
        checked([lines[0], b"{no json", lines[-1]], [])
