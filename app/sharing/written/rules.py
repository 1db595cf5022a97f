"""What every agreement must say, and must never say, whatever place it is for."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import Final

from app.sharing.written.document import (
    EMERGENCY_ACCESS,
    Agreement,
    EmergencyAccess,
    Grant,
    GuestProfile,
    Prohibition,
    When,
)
from app.sharing.written.notices import check_notices
from app.sharing.written.source import Loc, Source
from app.vocabulary.category import CATEGORIES
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.token import Purpose

_NEVER_GRANTED: Final = (Sensitivity.BARRED, Sensitivity.SEALED)

_REQUIRED: Final = {
    "{own_record: true}": When(own_record=True),
    "{objection: upheld}": When(objection="upheld"),
    "{flag: dissent, controller: raised-by}": When(flag=FlagKind.DISSENT, controller="raised-by"),
    "{flag: location-restricted, sensitivity: [locating]}": When(
        flag=FlagKind.LOCATION_RESTRICTED, sensitivity=(Sensitivity.LOCATING,)
    ),
    "{flag: sealed}": When(flag=FlagKind.SEALED),
    "{sensitivity: [sealed]}": When(sensitivity=(Sensitivity.SEALED,)),
    "{sensitivity: [barred]}": When(sensitivity=(Sensitivity.BARRED,)),
    "{sensitivity: [domestic-abuse]}": When(sensitivity=(Sensitivity.DOMESTIC_ABUSE,)),
}
"""What every agreement must forbid, as it is written: whoever asks, whoever controls it, at once."""


def check_rules(agreement: Agreement, source: Source) -> None:
    """Note what is missing or contradicts itself."""
    _check_names(agreement, source)
    _check_signatures(agreement, source)
    _check_purposes(agreement, source)
    _check_lawful_bases(agreement, source)
    _check_what_is_never_granted(agreement, source)
    _check_what_is_always_forbidden(agreement, source)
    _check_what_a_person_is_told(agreement, source)
    check_notices(agreement, source)
    for n, prohibition in enumerate(agreement.prohibitions):
        _check_firmness(("prohibitions", n), prohibition, source)


def _check_what_a_person_is_told(agreement: Agreement, source: Source) -> None:
    own = agreement.audit.themselves if agreement.audit else None
    words = (
        {word for heading in own.kept_back for word in agreement.category_groups.get(heading, (heading,))}
        if own
        else ()
    )
    if own and "safeguarding" not in words:
        source.error(
            ("audit", "themselves", "kept_back"),
            "a person would read by themselves that somebody looked at what stands under safeguarding, which whoever"
            " they are protected from may read too; add `safeguarding`",
        )


def check_dates(agreement: Agreement, source: Source, *, on: date) -> None:
    """Note where the calendar has overtaken the agreement; `on` is a London date."""
    effective, review = agreement.effective, agreement.review_by
    if agreement.status == "in-force" and on >= effective.to:
        source.error(
            ("effective", "to"),
            f"the agreement ended on {effective.to}, so it permits nothing; agree a new version, or set status: ended",
        )
    suspends = agreement.review is not None and agreement.review.overdue == "suspend"
    then = "; it permits nothing from the day after" if suspends else ""
    warned = agreement.review_warned()
    if on > review and suspends and agreement.status == "in-force":
        source.error(
            ("review_by",), f"its review was due by {review}, so it permits nothing; review it, and set the next date"
        )
    elif on > review:
        source.warn(("review_by",), f"its review was due by {review}; review it, and set the next date")
    elif on >= review - warned[-1]:
        source.warn(("review_by",), f"its review is due in {(review - on).days} days, by {review}{then}; hold it now")
    elif on >= review - warned[0]:
        source.warn(("review_by",), f"its review is due by {review}{then}; arrange it")


def _check_names(agreement: Agreement, source: Source) -> None:
    named: list[tuple[Loc, str, str]] = [
        *((("parties", n, "id"), party.id, "party id") for n, party in enumerate(agreement.parties)),
        *((("parties", n, "ods"), party.ods, "ODS code") for n, party in enumerate(agreement.parties)),
        *(((*loc, "id"), clause.id, "clause id") for loc, clause in _all_clauses(agreement)),
        *((("guests", n, "profile"), guest.profile, "guest profile") for n, guest in enumerate(agreement.guests)),
    ]
    seen: Counter[tuple[str, str]] = Counter()
    for loc, name, noun in named:
        seen[noun, name] += 1
        if seen[noun, name] > 1:
            source.error(loc, f"the {noun} `{name}` stands twice; give each its own")
    for group in agreement.category_groups:
        if group in set(CATEGORIES):
            source.error(("category_groups", group), f"`{group}` is a category already; call the group something else")
    if EMERGENCY_ACCESS in agreement.purposes:
        source.error(("purposes", EMERGENCY_ACCESS), "`emergency-access` cannot be a purpose; call it something else")


def _check_signatures(agreement: Agreement, source: Source) -> None:
    if agreement.status != "in-force":
        return
    for n, party in enumerate(agreement.parties):
        if party.signed is None or party.signatory is None:
            source.error(
                ("parties", n),
                f"`{party.id}` has not signed an agreement that is in force; give `signed` and `signatory`,"
                " or take the party out",
            )


def _check_purposes(agreement: Agreement, source: Source) -> None:
    for purpose, terms in agreement.purposes.items():
        if "relationship" not in terms.requires:
            source.error(
                ("purposes", purpose, "requires"),
                "sharing needs a legitimate relationship, whatever the purpose; add `relationship`",
            )


def _check_lawful_bases(agreement: Agreement, source: Source) -> None:
    lawful = {purpose: _parties_to(agreement, purpose) for purpose in agreement.purposes}
    for loc, clause in granting_clauses(agreement):
        for side, parties in (("to", clause.to), ("from", clause.from_)):
            for n, party in enumerate(() if parties == "all" else parties):
                for purpose in clause.purposes:
                    if party not in lawful.get(purpose, {party}):
                        source.error(
                            (*loc, side, n),
                            f"`{party}` has no lawful basis for {purpose}; add one under purposes, or leave it out",
                        )


def _parties_to(agreement: Agreement, purpose: Purpose) -> set[str]:
    bases = agreement.purposes[purpose].bases
    everyone = [party.id for party in agreement.parties]
    return set(chain.from_iterable(everyone if basis.parties == "all" else basis.parties for basis in bases))


def _check_what_is_never_granted(agreement: Agreement, source: Source) -> None:
    places: list[tuple[Loc, Iterable[Sensitivity]]] = [(("ordinary",), agreement.ordinary)]
    places += [((*loc, "sensitivities"), clause.sensitivities or ()) for loc, clause in granting_clauses(agreement)]
    for loc, sensitivities in places:
        for n, sensitivity in enumerate(sensitivities):
            if sensitivity in _NEVER_GRANTED:
                source.error((*loc, n), f"no agreement may grant what is {sensitivity}; take it out")


def _check_what_is_always_forbidden(agreement: Agreement, source: Source) -> None:
    for written, required in _REQUIRED.items():
        if not any(_is_as_wide(each.when, required) for each in agreement.prohibitions):
            source.error(
                ("prohibitions",),
                f"no clause forbids what every agreement must; add a prohibition with `when: {written}`, and no more",
            )


def is_guard(prohibition: Prohibition) -> bool:
    """Whether it forbids whatever other clauses say, so that it stands even where it changes nothing today."""
    required = any(_is_as_wide(prohibition.when, each) for each in _REQUIRED.values())
    return required or prohibition.override == "never"


def _is_as_wide(when: When, required: When) -> bool:
    return (
        (when.own_record, when.objection, when.flag) == (required.own_record, required.objection, required.flag)
        and (when.sensitivity is None or set(when.sensitivity) >= set(required.sensitivity or Sensitivity))
        and when.controller in (None, required.controller)
        and (when.category, when.to, when.after) == (None, None, None)
    )


def _check_firmness(loc: Loc, prohibition: Prohibition, source: Source) -> None:
    when = prohibition.when
    is_objection = when.objection is not None or when.flag is FlagKind.DISSENT
    if EMERGENCY_ACCESS in prohibition.gives_way_to and not is_objection:
        source.error(
            (*loc, "override"),
            "emergency access may override an objection and nothing else; take `emergency-access` out",
        )
    if _is_firm(when) and prohibition.override != "never":
        source.error((*loc, "override"), "nothing may override this; write `override: never`")
    if prohibition.notice == "generic" and not is_objection and when.flag is not FlagKind.DECEASED:
        source.error((*loc, "notice"), "telling that this is withheld would disclose it; write `notice: silent`")


def _is_firm(when: When) -> bool:
    return (
        when.own_record
        or when.flag in (FlagKind.LOCATION_RESTRICTED, FlagKind.SEALED)
        or any(sensitivity in _NEVER_GRANTED for sensitivity in when.sensitivity or ())
    )


Giving = Grant | EmergencyAccess | GuestProfile
"""A clause that gives something."""


def granting_clauses(agreement: Agreement) -> Iterator[tuple[Loc, Giving]]:
    """Every clause that gives something, with its place in the file."""
    for n, grant in enumerate(agreement.grants):
        yield ("grants", n), grant
    if agreement.emergency_access:
        yield ("emergency_access",), agreement.emergency_access
    for n, guest in enumerate(agreement.guests):
        yield ("guests", n), guest


def _all_clauses(agreement: Agreement) -> Iterator[tuple[Loc, Giving | Prohibition]]:
    yield from granting_clauses(agreement)
    for n, prohibition in enumerate(agreement.prohibitions):
        yield ("prohibitions", n), prohibition
