"""One document's persons: who is who, and what each row says of everyone it is about."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from app.adapters.housing.facts import members, tenancy
from app.adapters.housing.facts.entries import Fact
from app.adapters.housing.facts.persons import statements
from app.adapters.housing.kinds import KINDS, Kind
from app.adapters.housing.rows import Row
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Finding, Statement

_POINTS_TO: Final = {
    "investigation_hazard": ("investigation", "hazard_report"),
    "investigation": ("hazard_report",),
    "work_order": ("hazard_report",),
}
"""Through which other rows a row finds its persons where it names neither them nor their tenancy."""


class Household:
    """Who is who in one document, by the identifiers with which its rows point.

    The standards count tenants and household members apart: member 17 is not tenant 17. So a tenant's local id is
    `tenant_id`, a member's `household-member:` and `household_member_id`; where a row gives `person_id` all persons of
    the source are counted together, and that is the local id.
    """

    def __init__(self, rows: Mapping[str, list[Row]], *, line: int, partner: OdsCode) -> None:
        self.rows = rows
        self._nothing = Row("tenant_person", {}, line=line, partner=partner)  # is known of whom no row describes
        tenants, others = rows["tenant_person"], rows["household_member_person"]
        self.tenants = {row.text("tenant_id"): _local_id(row) for row in tenants}
        self.members = {row.text("household_member_id"): _local_id(row) for row in others}
        self.own_rows = {_local_id(row): row for row in (*others, *tenants)}
        self.tenancies = {row.text("tenancy_id"): row for row in rows["tenancy"]}
        self.household: dict[str, list[Row]] = defaultdict(list)
        for row in others:
            self.household[row.text("tenancy_id")].append(row)
        self.holders = {name: self._holders(row) for name, row in self.tenancies.items()}
        self.pointed_to = {
            (kind, row.text(f"{kind}_id")): row for kind in ("investigation", "hazard_report") for row in rows[kind]
        }
        self.facts: dict[str, list[Fact]] = defaultdict(list)

    def statements(self) -> Iterator[Statement | Finding]:
        """All that the document says, person by person, then what was wrong with its rows."""
        for kind in KINDS:
            for row in self.rows[kind.name]:
                yield from self._read(kind, row)
        for row in self.rows["household_member_person"]:
            self._place(row)
        homes = self._homes()
        for person, facts in self.facts.items():
            own = self.own_rows.get(person, self._nothing)
            yield from statements(own, person, facts, home=homes.get(person, own))
        for rows in self.rows.values():
            for row in rows:
                yield from row.findings

    def _read(self, kind: Kind, row: Row) -> Iterator[Finding]:
        persons = self._about(row)
        if not persons:
            yield row.refused("person_id", "the row names nobody in this document; send the person or tenancy with it")
        for person in persons:
            self.facts[person].extend(kind.read(row, person))

    def _about(self, row: Row) -> list[str]:
        """The local ids of those whom a row is about: its tenancy's tenants, unless it names someone."""
        if row.kind in ("tenant_person", "household_member_person"):
            return [_local_id(row)]
        if person := row.text("person_id"):
            return self._known_as(person)
        if holders := self.holders.get(row.text("tenancy_id")):
            return holders
        if tenant := row.text("tenant_id"):
            return [self.tenants.get(tenant, tenant)]
        for kind in _POINTS_TO.get(row.kind, ()):
            if pointed := self.pointed_to.get((kind, row.text(f"{kind}_id"))):
                return self._about(pointed)
        return []

    def _known_as(self, person_id: str) -> list[str]:
        """Whom `person_id` means; nobody, where it could be a tenant and also a member of a household."""
        meant = {known[person_id] for known in (self.tenants, self.members) if person_id in known}
        meant |= {person_id} & self.own_rows.keys()
        return list(meant) if len(meant) == 1 else []

    def _holders(self, held: Row) -> list[str]:
        """Who holds a tenancy: its tenant, and the household members who are contract holders."""
        tenant = held.text("tenant_id")
        joint = [_local_id(row) for row in self.household[held.text("tenancy_id")] if row.yes("is_contract_holder")]
        return [*([self.tenants.get(tenant, tenant)] if tenant else []), *joint]

    def _place(self, member: Row) -> None:
        """Put a member on the tenant's record as a contact, and the tenancy's home on the member's own."""
        held = self.tenancies.get(member.text("tenancy_id"))
        tenant_id = member.text("tenant_id") or (held.text("tenant_id") if held else "")
        tenant, person = self.tenants.get(tenant_id, tenant_id), _local_id(member)
        if tenant and tenant != person:
            over = held is not None and tenancy.is_over(held)
            until = held.on("end_date") if held else None
            self.facts[tenant].extend(members.as_contact(member, tenant, until=until, past=over))
        if held and not member.yes("is_contract_holder"):
            self.facts[person].extend(tenancy.read_home(held, person))

    def _homes(self) -> dict[str, Row]:
        """For each person the tenancy that tells where they live: one without an end rather than another."""
        homes: dict[str, Row] = {}
        for name, held in self.tenancies.items():
            for person in (*self.holders[name], *map(_local_id, self.household[name])):
                if person not in homes or tenancy.lasts_until(held) > tenancy.lasts_until(homes[person]):
                    homes[person] = held
        return homes


def _local_id(row: Row) -> str:
    if row.kind == "tenant_person":
        return row.first("person_id", "tenant_id")
    return row.text("person_id") or f"household-member:{row.text('household_member_id')}"
