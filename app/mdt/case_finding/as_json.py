"""A list of case finding as it is answered."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from app.mdt.case_finding.find import Case, CaseList
from app.mdt.case_finding.scores import KnownScore
from app.mdt.case_finding.segments import SEGMENTS
from app.record.merge import Line
from app.record.read.view import identity
from app.record.sifted import Sifted


def case_list_json(found: CaseList, at: datetime) -> bytes:
    """The list, the most reasons first.

    `{at, banner, considered, listed, by_locality: {code: number}, by_reason, by_segment, cases: [{id, identity,
    locality, reasons: [{code, title, since, sources}], scores: [{algorithm, title, said, value, version, on, band,
    limits, missing, over_time, computed, sources}], segments: [{code, title, sources}]}]}`; `sources` are entries, by
    `{id, partner, category, title}`.
    `considered` are all among whom the requester may look, `listed` those who are on the list, named here or not.
    """
    told = {
        "at": at,
        "banner": found.banner,
        "considered": found.tally.considered,
        "listed": found.tally.listed,
        "by_locality": dict(found.tally.by_locality),
        "by_reason": dict(found.tally.by_reason),
        "by_segment": dict(found.tally.by_segment),
        "cases": [_case(case) for case in found.cases],
    }
    return orjson.dumps(told)


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": case.considered.person_id,
        "identity": identity(_line(entry) for entry in case.identity),
        "locality": case.locality,
        "reasons": [
            {"code": one.code, "title": one.title, "since": one.since, "sources": _sources(one.sources)}
            for one in case.reasons
        ],
        "scores": [_score(one) for one in case.scores],
        "segments": [
            {"code": one.code, "title": SEGMENTS[one.code], "sources": _sources(one.sources)} for one in case.segments
        ],
    }


def _score(score: KnownScore) -> dict[str, Any]:
    return {
        "algorithm": score.algorithm,
        "title": score.title,
        "said": score.said,
        "value": None if score.value is None else float(score.value),
        "version": score.version,
        "on": score.on,
        "band": score.band,
        "limits": score.limits,
        "missing": score.missing,
        "used": [{"name": one.name, "points": float(one.points), "said_by": one.said_by} for one in score.used],
        "over_time": score.over_time,
        "computed": score.computed,
        "sources": _sources(score.sources),
    }


def _sources(entries: Iterable[Sifted]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(entry.number),
            "partner": entry.label.controller,
            "category": entry.label.category,
            "title": orjson.loads(entry.summary)["title"],
        }
        for entry in entries
    ]


def _line(entry: Sifted) -> Line:
    return Line(entry.number, entry.label, None, entry.started, entry.ended, entry.standing, entry.summary)
