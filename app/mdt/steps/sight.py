"""What being referred, and being on the caseload, let a team see: relationships as the agreements call them."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from app.mdt.steps.office import Office
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.locality import LocalityDocument, organisations
from app.mdt.workflow.referral import Referral
from app.sharing.known.store import end_relationships, open_relationships
from app.vocabulary.ods_code import OdsCode

MDT_CASELOAD: Final = "mdt-caseload"
MDT_REFERRAL: Final = "mdt-referral"


def let_team_see(office: Office, entry: CaseloadEntry, locality: LocalityDocument) -> None:
    """Give the team its relationship to somebody on the caseload, except organisations to which they object."""
    _open(office, MDT_CASELOAD, entry.id, entry.person_id, locality, kept_from=entry.content.kept_from)


def end_sight(office: Office, entry: CaseloadEntry) -> None:
    """End the team's relationship to somebody who leaves the caseload."""
    _end(office, MDT_CASELOAD, entry.id)


def let_triagers_see(office: Office, referral: Referral, locality: LocalityDocument) -> None:
    """Give the team a relationship to somebody who waits for triage, except organisations to which they object."""
    _open(office, MDT_REFERRAL, referral.id, referral.person_id, locality, kept_from=referral.kept_from)


def end_triagers_sight(office: Office, referral: Referral) -> None:
    """End it once it is decided what becomes of the referral."""
    _end(office, MDT_REFERRAL, referral.id)


def _open(
    office: Office,
    kind: str,
    thing: UUID,
    person_id: UUID,
    locality: LocalityDocument,
    *,
    kept_from: Collection[OdsCode],
) -> None:
    _end(office, kind, thing)
    open_relationships(
        office.connection,
        person_id,
        key=f"{kind}/{thing}",
        kind=kind,
        organisations=[code for code in organisations(locality) if code not in kept_from],
        team=locality.team,
        at=office.at,
    )


def _end(office: Office, kind: str, thing: UUID) -> None:
    end_relationships(office.connection, key=f"{kind}/{thing}", at=office.at)
