"""The sample extract of one small provider's month, to be packed, changed and read in tests."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from app.adapters.mental_health_mhsds import ADAPTER
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Finding, Relationship, Sender, Statement, UnreadableMessage, Utterance

SAMPLES = Path(__file__).parent / "samples" / "mental_health"
SENDER = Sender(partner=OdsCode("TAJ"))

Tables = dict[str, str]


def sample() -> Tables:
    """Every table of the sample, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.csv"))}


def needed(**others: str) -> Tables:
    """The four tables without which nothing is read, and others in which `\\n` parts lines."""
    names = ("MHS000Header", "MHS001MPI", "MHS002GP", "MHS101Referral")
    return {name: text for name, text in sample().items() if name in names} | others


def zipped(tables: Mapping[str, str | bytes], *, suffix: str = ".csv") -> bytes:
    """The tables as a provider packs them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            archive.writestr(name + suffix, text)
    return packed.getvalue()


def read(
    tables: Mapping[str, str | bytes] | bytes, *, encoding: Literal["utf-8", "cp1252"] = "utf-8"
) -> list[Utterance]:
    """What the adapter says of tables, or of the bytes of a ZIP."""
    message = tables if isinstance(tables, bytes) else zipped(tables)
    return list(ADAPTER.read(io.BytesIO(message), Sender(partner=SENDER.partner, encoding=encoding)))


def refusal(tables: Mapping[str, str | bytes] | bytes) -> Finding:
    """Why the whole is refused."""
    try:
        read(tables)
    except UnreadableMessage as unreadable:
        return unreadable.finding
    raise AssertionError("the message was read")


def statements(said: Iterable[Utterance]) -> list[Statement]:
    return [one for one in said if isinstance(one, Statement)]


def findings(said: Iterable[Utterance]) -> list[Finding]:
    return [one for one in said if isinstance(one, Finding)]


def entries(said: Iterable[Utterance]) -> dict[str, Entry]:
    """Every entry by its key; each key may stand once."""
    every = [entry for statement in statements(said) for entry in statement.entries]
    by_key = {entry.key: entry for entry in every}
    assert len(by_key) == len(every), "two entries have one key"
    return by_key


def relationships(said: Iterable[Utterance]) -> dict[str, Relationship]:
    return {one.key: one for statement in statements(said) for one in statement.relationships}
