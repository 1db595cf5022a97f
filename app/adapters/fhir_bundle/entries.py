"""One resource of a bundle as the entries that it states. Pure."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.adapters.fhir_bundle import patient
from app.adapters.fhir_bundle.bundle import Part
from app.adapters.fhir_bundle.labels import category_of, sensitivity_of
from app.adapters.fhir_bundle.references import Directory, Rewriting, contained_in
from app.adapters.fhir_bundle.standing import standing_of
from app.adapters.fhir_bundle.subjects import reference_of
from app.adapters.fhir_bundle.times import times_of
from app.adapters.fhir_bundle.words import title_and_detail
from app.profiles.issue import Issue, error
from app.record.kept.encode import OWN, SUBJECT_ELEMENT
from app.record.merge import STATED_TWICE
from app.vocabulary.statement import Elsewhere, Entry, Resource

_GIVEN_HERE: Final = frozenset({"id", "meta", "contained"})
_KEPT_OF_META: Final = ("profile", "tag")


class Unfit(Exception):
    """A resource cannot be stored as it is; its issues say why."""

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__("not fit to be stored")
        self.issues = issues


def entries_of(
    part: Part, key: str, directory: Directory, person: frozenset[int | str]
) -> tuple[list[Entry], Rewriting]:
    """The entries of one resource, and what became of its references. Raises `Unfit`."""
    assert part.resource is not None  # noqa: S101  # what is taken back states nothing
    path = f"Bundle.entry[{part.line - 1}].resource"
    rewriting = Rewriting(directory, path, part.full_url, contained_in(part.resource), person)
    resource, attachment = _document(_stored(part.resource, rewriting), rewriting)
    if rewriting.issues:
        raise Unfit(rewriting.issues)
    if part.type == "Patient":
        return list(patient.entries_of(part, resource)), rewriting
    return [_entry(part, key, resource, attachment)], rewriting


def _stored(resource: Resource, rewriting: Rewriting) -> Resource:
    """A resource without what is given here: its id, its labels, and whom it is about."""
    about = reference_of(resource)
    subject = SUBJECT_ELEMENT.get(resource["resourceType"], "subject")
    whole: Resource = {}
    rewriting.refuse_modifiers(resource)
    for name, value in resource.items():
        if name == "participant" and resource["resourceType"] == "Appointment":
            whole[name] = [
                *_own(value, about),
                *rewriting.rewrite([one for one in value if one.get("actor") is not about]),
            ]
        elif name not in _GIVEN_HERE and value is not about and name != f"_{subject}":
            whole[name] = rewriting.rewrite(value)
    for name, one in list(rewriting.contained.items()):
        if one["resourceType"] != "Patient" and name not in rewriting.taken_in.values():
            rewriting.contained[name] = rewriting.rewrite(one)
    contained = [one for one in rewriting.contained.values() if one["resourceType"] != "Patient"]
    kept = {name: resource["meta"][name] for name in _KEPT_OF_META if name in resource.get("meta", {})}
    return whole | ({"contained": contained} if contained else {}) | ({"meta": kept} if kept else {})


def _entry(part: Part, key: str, resource: Resource, attachment: bytes | None) -> Entry:
    assert part.resource is not None  # noqa: S101  # as above
    labelled = {**resource, "meta": part.resource.get("meta", {})}
    category = category_of(resource)
    title, detail = title_and_detail(resource)
    started, ended = times_of(resource)
    return Entry(
        key=key,
        category=category,
        resource=resource,
        title=title,
        detail=detail,
        line=part.line,
        sensitivity=sensitivity_of(labelled, category, f"{title}\n{detail}"),
        concept=_concept(resource) if category in STATED_TWICE else None,
        started=started,
        ended=ended,
        standing=standing_of(resource),
        attachment=attachment,
        only_if_new=part.unless is not None,
        elsewhere=Elsewhere.BARS,  # whoever sent it is told, and takes the other back
    )


def _own(participants: Iterable[Resource], about: Resource | None) -> list[Resource]:
    """The part that the person has in an appointment, as it was sent; who they are is put in where it is stored."""
    return [{**one, "actor": OWN} for one in participants if one.get("actor") is about]


def _concept(resource: Mapping[str, Any]) -> str | None:
    codings = resource.get("code", {}).get("coding", ())
    return next((f"{one['system']}|{one['code']}" for one in codings if "system" in one and "code" in one), None)


def _document(resource: Resource, rewriting: Rewriting) -> tuple[Resource, bytes | None]:
    """A document apart from the resource that tells of it: sent within it, or as a Binary of the bundle."""
    if resource["resourceType"] != "DocumentReference":
        return resource, None
    [content] = resource["content"]
    attachment = dict(content["attachment"])
    binary = rewriting.directory.find(attachment.get("url", ""), rewriting.full_url)
    if binary is not None and binary.resource is not None and binary.type == "Binary":
        attachment["data"] = binary.resource.get("data", "")
        del attachment["url"]
        rewriting.documents.add(binary.line)
    if "data" not in attachment:
        return resource, None
    try:
        document = base64.b64decode(attachment.pop("data"), validate=True)
    except (binascii.Error, ValueError):
        where = f"{rewriting.path}.content[0].attachment.data"
        raise Unfit([error("value", "base64", where, "the document is no base64")]) from None
    return {**resource, "content": [{**content, "attachment": attachment}]}, document
