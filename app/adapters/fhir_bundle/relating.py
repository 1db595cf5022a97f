"""Why the sender may ask about the person: what a resource says of care that the sender itself gives. Pure.

Nothing is presumed. A stay, an episode, a team or a referral that names the sender, by its ODS code, as whoever gives
the care is a relationship of the sender's from the day that it states until the one that it ends; what names somebody
else, nobody, or no beginning is none. Whether its word counts for anything, whoever runs the place says to intake.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from app.adapters.fhir_bundle.labels import STAYS
from app.adapters.fhir_bundle.references import contained_in
from app.adapters.fhir_bundle.times import times_of
from app.profiles.rules import listed
from app.vocabulary.category import Category
from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Relationship, Resource


class _Care(NamedTuple):
    """How a type says that somebody gives care, and which of its statuses say that they do, or that they did."""

    by: str
    lasts: frozenset[str]
    over: frozenset[str]


_WITHDRAWN: Final = frozenset(("cancelled", "entered-in-error"))
_CARE: Final[Mapping[str, _Care]] = {
    "CareTeam": _Care("managingOrganization", frozenset(("active",)), frozenset(("inactive", "suspended"))),
    "Encounter": _Care(
        "serviceProvider", frozenset(("arrived", "triaged", "in-progress", "onleave")), frozenset(("finished",))
    ),
    "EpisodeOfCare": _Care("managingOrganization", frozenset(("active", "onhold")), frozenset(("finished",))),
    "ServiceRequest": _Care(
        "performer", frozenset(("active", "on-hold")), frozenset(("completed", "revoked"))
    ),
}  # fmt: skip
RELATING: Final = frozenset(_CARE)
"""The types that may state a relationship, or take one back."""

_EPISODES: Final = {Category("care-packages"): "care-package", Category("tenancy"): "tenancy",
                    Category("homelessness"): "caseload"}  # fmt: skip
_ORDERED: Final = frozenset(("order", "original-order", "reflex-order", "filler-order", "instance-order"))


def relationship_of(entry: Entry, partner: OdsCode | None) -> Relationship | None:
    """The relationship that a stored resource states of its sender; `None` where it states none."""
    resource = entry.resource
    kind = _kind(entry) if partner is not None and resource["resourceType"] in RELATING else None
    if kind is None or entry.only_if_new or not any(_is(one, partner, resource) for one in _givers(resource)):
        return None
    care, status = _CARE[resource["resourceType"]], resource.get("status")
    started, ended = _times(resource)
    if started is None or status not in care.lasts | care.over | _WITHDRAWN:
        return None
    if status in _WITHDRAWN or (status in care.over and (ended is None or ended < started)):
        ended = started  # it never was, or nobody says for how long: it gives no sight of anything
    return Relationship(
        key=relationship_key(entry.key), kind=kind, started=started, ended=ended, team=_team(resource) or None
    )


def relationship_key(entry_key: str) -> str:
    """The key of the relationship that an entry of this door states; no list that ends what it leaves out has such."""
    return f"fhir-bundle/{entry_key}"


def _kind(entry: Entry) -> str | None:
    resource = entry.resource
    match resource["resourceType"]:
        case "Encounter":
            return "admission" if resource["class"].get("code") in STAYS else None
        case "EpisodeOfCare":
            return _EPISODES.get(entry.category)
        case "ServiceRequest":
            return "referral" if resource.get("intent") in _ORDERED else None
    return "caseload"


def _times(resource: Resource) -> tuple[datetime | None, datetime | None]:
    if resource["resourceType"] != "ServiceRequest":
        return times_of(resource)
    return times_of({"resourceType": "ServiceRequest", "authoredOn": resource.get("authoredOn")})[0], None


def _givers(resource: Resource) -> Iterator[Any]:
    yield from listed(resource.get(_CARE[resource["resourceType"]].by))


def _is(reference: Any, partner: OdsCode | None, resource: Resource) -> bool:
    """Whether a reference names the sender, by itself or through an Organization that the resource contains."""
    identifiers = [reference.get("identifier", {})]
    told = reference.get("reference", "")
    contained = contained_in(resource).get(told[1:], {}) if told.startswith("#") else {}
    if contained.get("resourceType") == "Organization":
        identifiers += listed(contained.get("identifier"))
    return any((one.get("system"), one.get("value")) == (ODS_ORGANISATION, partner) for one in identifiers)


def _team(resource: Resource) -> str:
    return str(resource.get("name", "")) if resource["resourceType"] == "CareTeam" else ""
