"""Scores on the list of case finding, as they are read at a glance."""

from typing import Any

from app.web.team.case_finding import glances


def score(title: str, said: str, **told: Any) -> dict[str, Any]:
    value = None if said.startswith("not") else float(said)
    return {"title": title, "said": said, "value": value, "band": None, "limits": (), "missing": (), **told}


def test_a_score_says_its_number_and_what_that_stands_for_without_its_publication() -> None:
    [frailty] = glances([score("Hospital Frailty Risk Score", "0.8", band="low", version="Gilbert 2018")])

    assert frailty == ("Hospital Frailty Risk Score", "0.8, low", ())


def test_weightings_of_one_history_stand_together() -> None:
    several = [score("Charlson comorbidity index", said) for said in ("1", "0", "11")]

    [charlson] = glances(several)

    assert charlson.said == "0 to 11, by which of 3 weightings is taken"


def test_where_a_score_may_not_be_believed_is_said_beside_it() -> None:
    limits = ("not studied in people under 18", "By another pathway: the newest stay alone")

    [lace] = glances([score("LACE index", "12", limits=limits, missing=("visits",))])

    assert lace.doubts == ("not studied in people under 18", "something that it counts is not known")


def test_a_score_that_could_not_be_computed_says_why() -> None:
    [none] = glances([score("Hospital Frailty Risk Score", "not computed: admissions are not known")])

    assert none.said == "not computed: admissions are not known"
