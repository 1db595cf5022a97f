"""The trail as a file for somebody outside, and checking it with nothing but signed heads: no key, no database.

A file of leaves alone says nothing of anybody, and is enough to tell whether the trail is still the one that the heads
counted. With events and salts, each event is checked against its leaf too.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from app.audit import chain_store
from app.audit.chain import CHAINS, Record
from app.audit.checking.anchors import TrailHead
from app.audit.checking.faults import MOST, Fault, Wrong
from app.audit.checking.verify import SealedRoots
from app.audit.event import instant
from app.audit.merkle import Tree
from app.errors import DomainError

_FORMAT: Final = "pisano audit export 1"


class NoExport(DomainError):
    """The file is none that this program wrote, or it was cut off."""


def exported(connection: Connection, *, at: datetime, with_events: bool) -> Iterator[bytes]:
    """The whole trail, a line an event; the transaction must see one snapshot."""
    yield _line({"format": _FORMAT, "at": instant(at), "events": with_events})
    for chain in range(CHAINS):
        for record in chain_store.records(connection, chain):
            yield _line({"chain": chain, **_said(record, with_events=with_events)})
    yield _line({"end": True})


def checked(lines: Iterable[bytes], heads: Sequence[TrailHead]) -> tuple[int, list[Fault]]:
    """How many events an export holds, and what in it is not as the heads counted; raises `NoExport`."""
    roots, trees = [SealedRoots(chain, heads) for chain in range(CHAINS)], [Tree() for _ in range(CHAINS)]
    faults: list[Fault] = []
    for said in _read(lines):
        chain, tree = said["chain"], trees[said["chain"]]
        record = _record(said)
        if record.sequence != tree.size + 1:
            told = f"the export goes on with {record.sequence} where {tree.size + 1} belongs"
            faults.append(Fault(Wrong.DELETED, told, chain, tree.size + 1, record.sequence))
        if not record.intact:
            told = "this event is not the one that its leaf was made of"
            faults.append(Fault(Wrong.EDITED, told, chain, record.sequence, record.sequence))
        if len(faults) > MOST:
            break
        tree.add(record.leaf)
        roots[chain].meet(tree)
    faults += [fault for root, tree in zip(roots, trees, strict=True) for fault in root.broken(tree)]
    return sum(tree.size for tree in trees), [*contradictions(heads), *faults]


def contradictions(heads: Sequence[TrailHead]) -> list[Fault]:
    """Where a later head counts less than an earlier one, or as much and otherwise: both were signed, so somebody
    who holds the key rewrote the trail in between.
    """
    found = []
    for before, after in pairwise(sorted(heads, key=lambda head: head.at)):
        then = {root.chain: root for root in before.chains}
        for now in after.chains:
            root = then.get(now.chain)
            if root and (now.size < root.size or (now.size == root.size and now.root != root.root)):
                told = f"the head sealed at {instant(after.at)} contradicts the one sealed at {instant(before.at)}"
                found.append(Fault(Wrong.SEALED_OTHERWISE, told, now.chain, 1, root.size))
    return found


def _said(record: Record, *, with_events: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"sequence": record.sequence, "leaf": record.leaf.hex()}
    if with_events and record.event is not None and record.salt is not None:
        said |= {"salt": record.salt.hex(), "event": record.event.decode()}
    return said


def _record(said: dict[str, Any]) -> Record:
    salt, event = said.get("salt"), said.get("event")
    return Record(
        said["sequence"],
        bytes.fromhex(said["leaf"]),
        b"",
        None if salt is None else bytes.fromhex(salt),
        None if event is None else event.encode(),
    )


def _read(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    read = map(orjson.loads, lines)
    try:
        first = next(read, None)
        if not isinstance(first, dict) or first.get("format") != _FORMAT:
            raise NoExport("this is no export of an audit trail; `pisano audit export` writes one")
        for said in read:
            if "end" in said:
                return
            if said["chain"] not in range(CHAINS):
                raise NoExport("the export names a chain that no trail has")
            yield said
    except (orjson.JSONDecodeError, KeyError, AttributeError):
        raise NoExport("a line of the export cannot be read; get the file again") from None
    raise NoExport("the export was cut off before its end; get the file again")


def _line(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)
