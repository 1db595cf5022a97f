"""Where an entry came from."""

from dataclasses import dataclass

from app.vocabulary.ods_code import OdsCode


@dataclass(frozen=True, slots=True)
class Provenance:
    """The partner, the adapter that read it, the message in the inbox, and the line in it (from 1)."""

    partner: OdsCode
    adapter: str
    message: int
    line: int
