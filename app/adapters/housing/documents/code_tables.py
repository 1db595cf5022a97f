"""The standards' own lookup tables: rows point to them by number, and only the message knows what a number means."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from app.vocabulary.statement import UnreadableMessage

MOST_CODES: Final = 10_000
"""In one message. The standards' own lists hold a few hundred; more would be data under a wrong name."""


class _Lookup(NamedTuple):
    id: str
    labels: tuple[str, ...]  # the first that a row of the table has is what the code means
    field: str  # of the referring row, where the meaning is put


_LOOKUPS: Final = {
    "hazard_type": _Lookup("hazard_type_id", ("hazard_type",), "hazard_type"),
    "severity": _Lookup("severity_id", ("severity",), "severity"),
    "report_status": _Lookup("report_status_id", ("report_status",), "report_status"),
    "investigation_type": _Lookup("investigation_type_id", ("investigation_type",), "investigation_type"),
    "work_class": _Lookup("work_class_id", ("work_class_code", "work_class_description"), "work_class"),
    "work_priority": _Lookup("work_priority_id", ("priority_description", "priority_code"), "work_priority"),
    "person_alert_codes": _Lookup("person_alert_code_id", ("alert_subcode", "alert_code"), "alert_subcode"),
    "person_alert_type": _Lookup("person_alert_type_id", ("person_alert_type", "code"), "person_alert_type"),
    "source_types": _Lookup("source_type_id", ("source_name", "source_code"), "source_type"),
}
_FIELDS: Final = {lookup.id: lookup.field for lookup in _LOOKUPS.values()}
TABLES: Final = frozenset(_LOOKUPS)


class CodeTables:
    """What the numbers of one message mean: a document's tables hold for it and for all documents after it."""

    def __init__(self) -> None:
        self._meanings: dict[tuple[str, str], str] = {}

    def learn(self, table: str, row: Mapping[str, Any]) -> None:
        """Take in one row of a lookup table. Raises `UnreadableMessage` beyond `MOST_CODES`."""
        lookup = _LOOKUPS[table]
        label = next((row[name] for name in lookup.labels if isinstance(row.get(name), str)), None)
        if label and isinstance(row.get(lookup.id), str):
            self._meanings[lookup.id, row[lookup.id]] = label
        if len(self._meanings) > MOST_CODES:
            raise UnreadableMessage(
                "json-codes", "the message holds more than ten thousand codes; send code lists alone"
            )

    def resolve(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """A row with the meanings of its numbers put in, and the fields whose numbers no table explains.

        A word where a number is expected is taken as the meaning itself.
        """
        resolved, unexplained = dict(row), []
        for name in _FIELDS.keys() & row.keys():
            code, field = row[name], _FIELDS[name]
            if isinstance(code, str) and not row.get(field):
                resolved[field] = self._meanings.get((name, code), code)
                if code.isdigit() and (name, code) not in self._meanings:
                    unexplained.append(name)
        return resolved, unexplained
