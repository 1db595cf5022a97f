"""A bundle as its sender is told of it: what was sent, and what became of each part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.adapters.fhir_bundle.reading import ReadBundle, ReadPart
from app.audit.chain import ChainKey
from app.errors import DomainError
from app.intake.arriving.inbox import State
from app.intake.filing import NewId
from app.record.kept.current import CurrentEntry
from app.record.kept.held import Held
from app.vocabulary.ods_code import OdsCode


class Busy(DomainError):
    """What was asked depends on what is held, and that is being changed just now."""


class Done(StrEnum):
    """What became of one entry of a bundle."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    RETRACTED = "retracted"
    WAITS = "waits"  # for a person to say whose it is
    TAKEN_IN = "taken-in"  # kept inside what refers to it, or the envelope of a message
    REFUSED = "refused"
    QUEUED = "queued"  # kept, and to be filed in its turn


@dataclass(frozen=True, slots=True)
class Answered:
    """One entry of a bundle, what became of it, where it is held, and the code of why it waits.

    `is_first` where its sender stated nothing before of whom it was found to be about.
    """

    told: ReadPart
    done: Done
    held: Held | CurrentEntry | None = None
    waits_for: str = ""
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a bundle: the message in the inbox, its state, and each entry by its position from 1."""

    message: int
    state: State
    entries: Mapping[int, Answered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What was sent, by whom, and when, in UTC; `key` is of the audit trail."""

    content: bytes
    bundle: ReadBundle
    partner: OdsCode
    at: datetime
    new_id: NewId
    key: ChainKey

    def told(self) -> list[tuple[int, ReadPart]]:
        """Each entry of it by its position from 1."""
        return list(self.bundle.told.items())
