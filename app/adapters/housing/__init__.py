"""Housing: tenancies, households, alerts, homes, adaptations, tenancies at risk and homelessness, as JSON and as CSV.

No published person-level export exists for housing in England, so two shapes are read.

`housing-json`: UTF-8, one document a line (NDJSON), or an array of documents, or one document; each a JSON object of at
most two megabytes about one household, or a few. A document is either

- tables named as in the drafts of the UK Housing Data Standards, each a list of rows with the drafts' own fields:
  `tenant_person`, `tenancy`, `address`, `household_member_person`, `person_alert`, `hazard_report`, `investigation`,
  `investigation_hazard`, `work_order`, and the drafts' lookup tables (`work_class`, `report_status`,
  `person_alert_codes` …), which hold for that document and all after it. Rows point to each other by `tenant_id`,
  `tenancy_id`, `address_id` and so on, within the document; a word may stand where a number is expected
  (`"work_class_id": "Adaptations"`, `"alert_subcode": "RISK1.03"`). For what the drafts leave out there are tables of
  ours: `adaptation`, `tenancy_risk`, `homelessness_duty`, `temporary_accommodation`, `support_need`. `kinds.toml` lists
  the columns of all; or
- one tenure of a council's API: `id`, `tenureType`, `startOfTenureDate`, `endOfTenureDate`, `tenuredAsset`,
  `householdMembers`, `terminated`, `notices`, `evictionDate`.

`housing-csv`: one heading row, in any order, under the partner's own headings where `Sender.columns` maps ours to them;
encoding as declared. Each row is about one person, named by `person_id` (required), with `full_name`, `date_of_birth`,
`post_code` and `uprn` as evidence of who that is. `record_type` names the table, as above; kinds may stand mixed. A row
without it is of the first kind in `kinds.KINDS` whose own identifier it holds, so that an export of one kind needs no
such column. The columns of each kind are in `kinds.toml`; amounts of money have none.

Dates are ISO or day/month/year; those with a zone are told by London's calendar. What databases write where a date is
required and there is none (9999-12-31, 2099-…, 0001-01-01, 1900-01-01) is no date.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from app.adapters.housing.documents import mapped_csv
from app.adapters.housing.documents.code_tables import CodeTables
from app.adapters.housing.documents.household import Household
from app.adapters.housing.documents.json_stream import documents
from app.adapters.housing.documents.tables import Tables
from app.adapters.housing.documents.tenure import as_tables, is_tenure
from app.vocabulary.category import Category
from app.vocabulary.statement import Finding, Sender, Utterance

COVERS: Final = frozenset(
    Category(code)
    for code in (
        "demographics",
        "address",
        "contacts",
        "alerts",
        "staff-safety",
        "safeguarding",
        "child-protection",
        "requirements",
        "risks",
        "pregnancy",
        "social-context",
        "equipment",
        "tenancy",
        "tenancy-risk",
        "home",
        "homelessness",
    )
)


@dataclass(frozen=True, slots=True)
class HousingJson:
    """Documents after the UK Housing Data Standards, or of a council's tenure API."""

    name: str = "housing-json"
    covers: frozenset[Category] = COVERS

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """See `registry.Adapter`."""
        codes = CodeTables()
        for found in documents(message):
            if isinstance(found, Finding):
                yield found
                continue
            content = as_tables(found.content) if is_tenure(found.content) else found.content
            tables = Tables(content, line=found.line, partner=sender.partner, codes=codes)
            yield from Household(tables.rows, line=found.line, partner=sender.partner).statements()
            yield from tables.findings


@dataclass(frozen=True, slots=True)
class HousingCsv:
    """A council's own export, under its own headings."""

    name: str = "housing-csv"
    covers: frozenset[Category] = COVERS
    fields: frozenset[str] = frozenset(mapped_csv.FIELDS)

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """See `registry.Adapter`."""
        return mapped_csv.read(message, sender)


JSON: Final = HousingJson()
CSV: Final = HousingCsv()
