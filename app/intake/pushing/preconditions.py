"""What a push says of what is held already: that it is there, and in which version; checked first."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from app.adapters.fhir_bundle import ADAPTER
from app.adapters.fhir_bundle.reading import ReadBundle, ReadPart
from app.person import index
from app.profiles.issue import Issue, error
from app.record.kept.current import CurrentEntry, by_key, by_number
from app.vocabulary.ods_code import OdsCode

NOT_HELD = "nothing of yours is held under that id"


def names_what_is_held(bundle: ReadBundle) -> bool:
    """Whether a bundle depends on what is held: by an id, a version, or a reference to what was sent before."""
    return any(
        one.part.id is not None or one.part.version is not None or one.held or _own_patient(one)
        for one in bundle.told.values()
    )


def check_named(connection: Connection, bundle: ReadBundle, partner: OdsCode, *, at: datetime) -> None:
    """Add to each entry what is wrong with what it names; let the people it names by our ids be known by those."""
    told = [one for one in bundle.told.values() if not one.refused]
    numbers = {number for one in told for name in _names(one) if (number := _number(name)) is not None}
    known = by_number(connection, partner, ADAPTER.name, numbers)
    keyed = [one.key for one in told if one.key is not None and one.part.version is not None and one.part.id is None]
    versions = {one.key: one for one in by_key(connection, partner, ADAPTER.name, keyed).values()}
    for one in told:
        one.issues += _of_references(connection, one, known, partner, at)
        one.issues += _of_target(one, known, versions)


def _names(one: ReadPart) -> Iterator[str]:
    """Every id of ours that an entry names."""
    if one.part.id is not None:
        yield one.part.id
    if patient := _own_patient(one):
        yield patient
    yield from (reference.id for reference in one.held)


def _own_patient(one: ReadPart) -> str | None:
    """The id of ours by which it is told whom an entry is about."""
    local_id = one.subject.local_id if one.subject is not None else None
    is_ours = local_id is not None and local_id.startswith("Patient/")
    return local_id.removeprefix("Patient/") if local_id is not None and is_ours else None


def _number(name: str) -> int | None:
    return int(name) if name.isascii() and name.isdigit() and int(name) < 1 << 63 else None


def _of_references(
    connection: Connection, one: ReadPart, known: dict[int, CurrentEntry], partner: OdsCode, at: datetime
) -> Iterator[Issue]:
    path = f"Bundle.entry[{one.part.line - 1}].resource"
    for reference in one.held:
        number = _number(reference.id)
        if number is None or number not in known or known[number].type != reference.type:
            yield error("not-found", "reference", path, f"a reference leads nowhere: {NOT_HELD}")
    if (patient := _own_patient(one)) and not _is_known_as(connection, patient, known, partner, at):
        yield error("not-found", "reference", path, "the reference to whom it is about leads nowhere")


def _is_known_as(
    connection: Connection, patient: str, known: dict[int, CurrentEntry], partner: OdsCode, at: datetime
) -> bool:
    """Whether an id of ours is a person's, or the partner's own account of one; the partner may call them so."""
    number = _number(patient)
    if number is None:
        person_id = UUID(patient)
    elif number in known and known[number].type == "Patient":
        person_id = known[number].filed_as
    else:
        return False
    return index.refer(connection, partner, f"Patient/{patient}", person_id, at=at) is not None


def _of_target(one: ReadPart, known: dict[int, CurrentEntry], versions: dict[str, CurrentEntry]) -> Iterator[Issue]:
    part, path = one.part, f"Bundle.entry[{one.part.line - 1}].request"
    held = versions.get(one.key or "")
    if part.id is not None:
        number = _number(part.id)
        held = known.get(number) if number is not None else None
        if held is None or held.type != part.type:
            yield error("not-found", "id", f"{path}.url", NOT_HELD)
            return
    if part.version is not None and (held is None or held.version_id != part.version):
        text = "the version is not the one that is held; read it again, and send what you changed of that"
        yield error("conflict", "if-match", f"{path}.ifMatch", text)
