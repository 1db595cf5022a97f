"""The demonstration's year of meetings: told by the same steps, and to be followed from referral to next review."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.audit.store import decisions_since
from app.care_plan.read import read_plan
from app.demonstration.teams.case_studies import CASE_STUDIES
from app.demonstration.teams.year import tell_year
from app.governance.commands import replay
from app.mdt.packs.contents import Pack
from app.mdt.packs.pack import pack
from app.mdt.reading import case_studies, discussed, lists
from app.vocabulary.london import london_midnight
from tests.mdt.conftest import FATHER, ON, PEOPLE, WOMAN, Wulfrun


def of_the_year(*asked: Any) -> Iterator[list[dict[str, Any]]]:
    """What was decided before the day on which every other test of this place begins."""
    for told in decisions_since(*asked):
        yield [event for event in told if datetime.fromisoformat(event["at"]) < london_midnight(ON)]


def test_a_year_is_told_once_and_each_story_can_be_followed(wulfrun: Wulfrun, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wulfrun.run(tell_year(wulfrun.place, people=PEOPLE, seed=1, on=ON))
    told = dict(wulfrun.sql("SELECT locality || ' ' || state, count(*) FROM mdt_meeting GROUP BY 1"))
    assert (told["northgate signed"], told["northgate cancelled"]) == (11, 1)
    assert told["bilsmoor signed"] == told["tettenbrook signed"] == 3
    assert min(told[f"{name} planned"] for name in ("northgate", "bilsmoor", "tettenbrook")) == 3
    monkeypatch.setattr(replay, "decisions_since", of_the_year)
    with wulfrun.place.writing.connect() as connection:
        decided = replay.outcomes(connection, london_midnight(ON - timedelta(days=366)))
    assert decided.keys() == {"the same", "not kept"}  # whoever asks why somebody could see that is answered as it was
    assert not wulfrun.run(tell_year(wulfrun.place, people=PEOPLE, seed=1, on=ON))
    [(carried, unasked)] = wulfrun.sql(
        "SELECT count(*) FILTER (WHERE state = 'carried-over'),"
        " count(*) FILTER (WHERE state = 'discussed' AND content->'view' = 'null') FROM mdt_agenda_item"
    )
    assert carried >= 1  # as in any team's year, somebody was not reached
    assert unasked >= 1  # nor everybody asked

    father, woman = wulfrun.person(FATHER), wulfrun.person(WOMAN)
    [[referrers]] = wulfrun.sql(
        "SELECT jsonb_array_length(content->'made') FROM mdt_referral WHERE person_id = %s", father
    )
    assert referrers == 3
    [(item, outcome)] = wulfrun.sql(
        "SELECT id, content->>'outcome' FROM mdt_agenda_item WHERE person_id = %s AND state = 'discussed'", father
    )
    assert outcome == "plan-agreed"
    discussion = wulfrun.asks("chair", discussed.item, item)
    assert discussion["view"]["whose"] == "The person"
    assert discussion["actions"]
    [(ahead, following)] = wulfrun.sql(
        "SELECT id, meeting_id FROM mdt_agenda_item WHERE person_id = %s AND state = 'listed'", father
    )
    told_pack = wulfrun.asks("chair", pack, following)
    assert isinstance(told_pack, Pack)
    [page] = [page for page in told_pack.pages if page.item_id == ahead]
    assert page.told.last_time.startswith("plan agreed")
    assert page.told.lead
    packs = wulfrun.sql("SELECT jsonb_array_length(content->'complete_packs') FROM mdt_meeting WHERE state = 'signed'")
    assert sum(complete for [complete] in packs) > 0
    plan = wulfrun.run(read_plan(wulfrun.place.record, wulfrun.inquiry("nurse"), father))
    assert plan.parts.support.goals[0].says == "Washes by himself again"
    [invited] = wulfrun.asks("housing-officer", lists.own_invitations)
    assert (invited["state"], invited["meeting"]["id"]) == ("accepted", following)
    hers = wulfrun.sql("SELECT state FROM mdt_agenda_item WHERE person_id = %s ORDER BY state", woman)
    assert hers == [("discussed",), ("listed",)]
    stories = wulfrun.asks("gp", case_studies.told)
    assert [one.title for one in stories] == sorted(one["title"] for one in CASE_STUDIES.values())
