"""The page of case finding: who might be helped, and always why. Names stand only where the purpose is the viewer's."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, Final, NamedTuple

import orjson
from fastapi import APIRouter, Query, Response

from app.asking.inquiry import AtDesk, Record
from app.mdt.case_finding.as_json import case_list_json
from app.mdt.case_finding.criteria import CRITERIA
from app.mdt.case_finding.find import CASE_FINDING, Asked, find_cases
from app.mdt.case_finding.segments import SEGMENTS
from app.mdt.case_finding.signs import SIGNS
from app.mdt.reading.lists import on_caseload
from app.risk.algorithm import ALGORITHMS
from app.web.frame.layout import page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking
from app.web.team.at_desk import for_team

router = APIRouter(prefix="/case-finding", include_in_schema=False)

REASONS: Final = {sign.code: sign.title for sign in SIGNS} | {
    code: f"{ALGORITHMS[code].title}, {least} or more" for code, least in CRITERIA.scores.items()
}
"""For what somebody is listed, by its code."""


class Glance(NamedTuple):
    """A score at a glance: what it says, and where it may not be believed."""

    title: str
    said: str
    doubts: tuple[str, ...]


_CODE: Final = Query(pattern="^[a-z0-9-]{0,60}$")
_MOST: Final = 50


@router.get("")
async def choose(looking: Looking, desk: AtDesk) -> Response:
    """Which list; nobody is named yet."""
    if not looking.may_look_for(CASE_FINDING):
        return nothing(looking)
    return page("team/case_finding.html", looking.context() | _choices(desk) | {"chosen": Asked(most=_MOST)})


@router.get("/list")
async def found(
    looking: Looking,
    desk: AtDesk,
    record: Record,
    locality: Annotated[str, _CODE] = "",
    segment: Annotated[str, _CODE] = "",
    reason: Annotated[str, _CODE] = "",
) -> Response:
    """Whoever is on it, with why, on what that rests, and what is missing; each name is told to the trail before."""
    chosen = Asked(locality=locality or None, segment=segment or None, reason=reason or None, most=_MOST)
    asked = replace(looking.asked, purpose=CASE_FINDING)
    cases = await find_cases(record, asked, chosen, locality_of=desk.localities.named)
    if cases is None:
        return nothing(looking)
    told = orjson.loads(case_list_json(cases, asked.at))
    looked_after = await on_caseload(desk, for_team(looking), {one.considered.person_id for one in cases.cases})
    for case in told["cases"]:
        case["glances"] = [*glances(case["scores"])]
    context = {
        "looked_after": {str(person): one for person, one in looked_after.items()},
        "found": told,
        "chosen": chosen,
        "names": looking.names,
        "case_finding": CASE_FINDING,
    }
    return page("team/case_finding.html", looking.context() | _choices(desk) | context)


def glances(scores: Iterable[Mapping[str, Any]]) -> Iterable[Glance]:
    """Each score once: where it was computed by several weightings, from the least to the most that they say.

    By which publication, and on what each rests, is told where what it rests on is.
    """
    for title, each in groupby(sorted(scores, key=itemgetter("title")), key=itemgetter("title")):
        same = list(each)
        values = sorted((one for one in same if one["value"] is not None), key=itemgetter("value"))
        limits = [limit for one in same for limit in one["limits"] if limit.startswith(("not studied", "age not"))]
        missing = ["something that it counts is not known"] if any(one["missing"] for one in same) else []
        yield Glance(title, _said(values or same), tuple(dict.fromkeys((*limits, *missing))))


def _said(scores: list[Mapping[str, Any]]) -> str:
    least, most = scores[0], scores[-1]
    if least["said"] != most["said"]:
        return f"{least['said']} to {most['said']}, by which of {len(scores)} weightings is taken"
    return f"{most['said']}, {most['band']}" if most["band"] else most["said"]


def _choices(desk: AtDesk) -> dict[str, dict[str, str]]:
    localities = sorted(desk.localities.by_id.values(), key=lambda one: one.title)
    return {
        "localities": {one.locality: one.title for one in localities},
        "segments": dict(SEGMENTS),
        "reasons": REASONS,
    }
