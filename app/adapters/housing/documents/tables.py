"""The tables of one document as rows: codes given their meanings, what they point to joined, what is amiss refused."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from app.adapters.housing.documents import code_tables
from app.adapters.housing.documents.code_tables import CodeTables
from app.adapters.housing.kinds import KINDS, NOT_IMPORTED, Kind
from app.adapters.housing.rows import Row
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Finding, Severity

Fields = dict[str, Any]


class _Join(NamedTuple):
    pointer: str
    table: str
    fields: tuple[str, ...]


_ADDRESS: Final = (
    "uprn", "address_line", "building_name", "building_number", "street_name", "floor", "city_name", "post_code",
    "postal_code",
)  # fmt: skip
_JOINS: Final = {
    "tenancy": (_Join("address_id", "address", _ADDRESS), _Join("address_id", "addresses", _ADDRESS)),
    "investigation_hazard": (
        _Join("investigation_id", "investigation", ("investigation_completed_date",)),
        _Join("hazard_report_id", "hazard_report", ("made_safe_date", "report_status_id", "report_status")),
    ),
}
"""What a row takes over from the row that it points to, where it does not say so itself."""

_ADDRESSES: Final = frozenset({"address", "addresses"})
_KNOWN: Final = frozenset({kind.name for kind in KINDS}) | code_tables.TABLES | _ADDRESSES
_FIELD_NAME: Final = re.compile(r"[A-Za-z_]{1,40}")


class Tables:
    """The rows of one document, by kind; `findings` tell of those that were refused, and of tables that are unknown."""

    def __init__(self, tables: Mapping[str, Any], *, line: int, partner: OdsCode, codes: CodeTables) -> None:
        self.line, self.partner, self.codes = line, partner, codes
        self.findings: list[Finding] = []
        for table in sorted(tables.keys() - NOT_IMPORTED - _KNOWN):
            self._tell(Severity.WARNING, table, "is a table that this adapter does not know; it was not read")
        objects = {table: list(self._objects(table, tables[table])) for table in _KNOWN & tables.keys()}
        for table in code_tables.TABLES & objects.keys():
            for fields in objects[table]:
                codes.learn(table, fields)
        self._pointed_to = {
            (join, fields[join.pointer]): fields
            for joins in _JOINS.values()
            for join in joins
            for fields in objects.get(join.table, ())
            if isinstance(fields.get(join.pointer), str)
        }
        self.rows = {kind.name: list(self._rows(kind, objects.get(kind.name, []))) for kind in KINDS}

    def _objects(self, name: str, table: Any) -> Iterator[Fields]:
        for fields in table if isinstance(table, list) else [] if table is None else [table]:
            if isinstance(fields, dict):
                yield fields
            else:
                self._tell(Severity.REFUSED, name, "holds something that cannot be read as a row")

    def _rows(self, kind: Kind, objects: list[Fields]) -> Iterator[Row]:
        for fields in objects:
            row = self._row(kind, fields)
            refusal = row.refusal(kind.required, kind.dates)
            if refusal:
                self.findings.append(refusal)
            else:
                yield row

    def _row(self, kind: Kind, fields: Fields) -> Row:
        resolved, unexplained = self.codes.resolve(self._joined(kind, fields))
        if not resolved.get(kind.key):
            resolved[kind.key] = resolved.get(f"{kind.name}_reference")
        row = Row(kind.name, resolved, line=self.line, partner=self.partner)
        for name in unexplained:
            row.warn(name, "is a number that no code table of the message explains; it is kept as given")
        return row

    def _joined(self, kind: Kind, fields: Fields) -> Fields:
        for join in _JOINS.get(kind.name, ()):
            pointer = fields.get(join.pointer)
            pointed_to = self._pointed_to.get((join, pointer), {}) if isinstance(pointer, str) else {}
            fields = {name: pointed_to[name] for name in join.fields if name in pointed_to} | fields
        return fields

    def _tell(self, severity: Severity, table: str, text: str) -> None:
        name = table if _FIELD_NAME.fullmatch(table) else "one"  # a name may be anything, a person's too
        finding = Finding(rule=f"housing {name}", severity=severity, line=self.line, text=f"`{name}` {text}")
        self.findings.append(finding)
