"""What a batch says of itself (FHS, BHS, BTS, FTS): whether the file is whole (HL7 v2.4 §2.15)."""

from typing import Final

from app.vocabulary.statement import UnreadableMessage

_TRAILERS: Final = {"FHS": "FTS", "BHS": "BTS"}


class Envelope:
    """Follows a stream and raises `UnreadableMessage` where it is shorter or longer than it says."""

    def __init__(self) -> None:
        self._awaited: list[str] = []
        self._separator = "|"
        self._counted = {"BTS": 0, "FTS": 0}

    def message(self) -> None:
        """One message passed."""
        self._counted["BTS"] += 1

    def take(self, name: str, content: bytes | None, *, line: int) -> None:
        """A header or a trailer passed."""
        if trailer := _TRAILERS.get(name):
            self._awaited.append(trailer)
            self._separator = (content or b"")[3:4].decode("latin-1") or self._separator
            return
        if name in self._awaited:
            self._awaited.remove(name)
        self._check(name, content or b"", line)
        if name == "BTS":
            self._counted = {"BTS": 0, "FTS": self._counted["FTS"] + 1}

    def end(self, *, line: int) -> None:
        """The stream ended."""
        if self._awaited:
            text = f"the file ends before its {self._awaited[-1]}; it is cut short, send it again"
            raise UnreadableMessage("truncated", text, line=line)

    def _check(self, name: str, content: bytes, line: int) -> None:
        counted = content.decode("latin-1").split(self._separator)[1:2]
        if counted and counted[0].strip().isdecimal() and int(counted[0][:12]) != self._counted[name]:
            text = f"{name}-1 counts another number than the file holds; it is not whole, send it again"
            raise UnreadableMessage("batch-count", text, line=line)
