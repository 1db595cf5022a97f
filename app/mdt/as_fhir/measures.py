"""A team's measures as FHIR R4: their definitions (Measure), and what was measured of a period (MeasureReport).

No one is named, and counts that are too small to be told are not told here either. Pure.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from app.mdt.as_fhir.elements import Resource, instant, resource, team_name
from app.mdt.impact.facts import TeamFacts
from app.mdt.impact.intervals import Middle, Share
from app.mdt.impact.kpis.every import measures
from app.mdt.impact.kpis.measure import Measure
from app.mdt.workflow.locality import LocalityDocument
from app.vocabulary.fhir_elements import codeable_concept, known, organisation
from app.vocabulary.fhir_systems import DATA_ABSENT_REASON, OURS
from app.vocabulary.working_days import working_days_between

MEASURE_ID: Final = "multidisciplinary-team"
_POPULATION: Final = "http://terminology.hl7.org/CodeSystem/measure-population"
_INTERVAL: Final = f"{OURS}/StructureDefinition/wilson-interval"
_UNKNOWN: Final = f"{OURS}/StructureDefinition/not-known"


def measure(on: date) -> Resource:
    """What is measured of every team, each by its one definition."""
    defined = measures(TeamFacts(), first=on, last=on, working_days=working_days_between)
    return resource(
        "Measure",
        MEASURE_ID,
        url=f"{OURS}/Measure/{MEASURE_ID}",
        status="active",
        title="How a multidisciplinary team works",
        description="Unknown counts as not achieved, and is told beside. It does not say that anyone was done good.",
        group=[{"code": _coded(one), "description": one.definition} for one in defined],
    )


def measure_report(
    id: str, told: Iterable[Measure], locality: LocalityDocument, *, first: date, last: date, at: datetime
) -> Resource:
    """What was measured of a locality's team between two days, both included; it is pending while they last."""
    return resource(
        "MeasureReport",
        id,
        status="complete" if last < at.date() else "pending",
        type="summary",
        measure=f"{OURS}/Measure/{MEASURE_ID}",
        date=instant(at),
        reporter=organisation(locality.host, team_name(locality)),
        period={"start": first.isoformat(), "end": last.isoformat()},
        group=[_group(one) for one in told],
    )


def _group(one: Measure) -> Resource:
    counts = [{"code": {"text": name.replace("-", " ")}, "count": count} for name, count in one.counts.items()]
    told = _share(one.share) if one.share is not None else _middle(one.middle)
    if one.untold:
        told = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unsupported"}]}
    strata = [{"value": {"text": name}, **_share(each)} for name, each in one.groups.items()]
    strata += [{"value": {"text": name}, **_middle(each)} for name, each in one.middles.items()]
    return known(
        code=_coded(one),
        **told | {"population": [*told.get("population", []), *counts]},
        stratifier=[{"code": [{"text": "group"}], "stratum": strata}] if strata else None,
    )


def _coded(one: Measure) -> Resource:
    return codeable_concept(f"{OURS}/CodeSystem/mdt-measure", one.code, text=one.title)


def _share(share: Share) -> Resource:
    """Numerator, denominator and the share with its interval; where it is not told, that and nothing else."""
    if not share.told:
        return {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "masked"}]}
    return known(
        population=[_counted("numerator", share.achieved), _counted("denominator", share.of)],
        measureScore=_value(share.value, _interval(share)),
        extension=[{"url": _UNKNOWN, "valueInteger": share.unknown}] if share.unknown else None,
    )


def _interval(share: Share) -> list[Resource]:
    ends: Mapping[str, float | None] = {"low": share.low, "high": share.high}
    return [{"url": _INTERVAL, "valueRange": {name: {"value": round(end or 0.0, 4)} for name, end in ends.items()}}]


def _middle(middle: Middle | None) -> Resource:
    if middle is None:
        return {}
    return known(population=[_counted("initial-population", middle.count)], measureScore=_value(middle.median, []))


def _value(value: float | None, extension: list[Resource]) -> Resource | None:
    return None if value is None else known(value=round(float(value), 4), extension=extension)


def _counted(code: str, count: int) -> dict[str, Any]:
    return {"code": codeable_concept(_POPULATION, code), "count": count}
