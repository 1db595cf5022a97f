"""LACE's conditions of ICD-10 codes: by Quan's groups, and what is said of what codes do not tell."""

import pytest

from app.risk.lace import CONDITIONS, comorbidity
from app.risk.lace_conditions import BY_QUAN, RENAL_IS_MILD, conditions_of


@pytest.mark.parametrize(
    ("codes", "conditions", "points"),
    [
        ((), (), 0),
        (("I10", "Z99.9"), (), 0),
        (("I21.0", "I252"), ("previous-myocardial-infarction",), 1),
        (("I50", "J44", "F03"), ("heart-failure", "chronic-pulmonary", "dementia"), 7),
        (("E11.9", "E11.4"), ("diabetes", "diabetes-with-end-organ-damage"), 2),
        (("C18", "C78"), ("tumour", "metastatic"), 6),
        (("N18.4",), ("severe-liver-or-renal",), 4),
        (("N18.2",), ("mild-liver-or-renal",), 2),
        (("N18.9", "N18.4"), ("severe-liver-or-renal",), 4),
        (("E11.9", "N18.4"), ("diabetes", "severe-liver-or-renal"), 5),
        (("E11.9", "N18.2"), ("diabetes", "mild-liver-or-renal"), 3),
        (("K26", "G81"), (), 0),  # ulcers and hemiplegia are Charlson's, and none of LACE's
    ],
)
def test_codes_of_diagnoses_say_which_conditions_count(
    codes: tuple[str, ...], conditions: tuple[str, ...], points: int
) -> None:
    found, said = conditions_of(codes)
    assert (found, comorbidity(found), said) == (frozenset(conditions), points, (BY_QUAN,))
    assert found <= CONDITIONS.keys()


def test_renal_disease_of_no_stated_severity_is_mild_and_it_is_said() -> None:
    for codes in (["N18.9"], ["N18.2", "N18.9"]):
        assert conditions_of(codes) == (frozenset({"mild-liver-or-renal"}), (BY_QUAN, RENAL_IS_MILD))
