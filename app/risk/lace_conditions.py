"""LACE's conditions of ICD-10 codes, by the groups of Charlson's list (Quan); LACE's own paper gives no codes. Pure."""

from collections.abc import Collection
from typing import Final

from app.risk.charlson import GROUPS, Weighting
from app.risk.icd_10 import readable

BY_QUAN: Final = "conditions read by Quan's codes for Charlson's groups: LACE's own paper gives none"
RENAL_IS_MILD: Final = "renal disease whose severity is not coded counts as mild"

_OF_GROUP: Final = {
    "myocardial-infarction": "previous-myocardial-infarction",
    "heart-failure": "heart-failure",
    "peripheral-vascular": "peripheral-vascular",
    "cerebrovascular": "cerebrovascular",
    "dementia": "dementia",
    "chronic-pulmonary": "chronic-pulmonary",
    "connective-tissue": "connective-tissue",
    "mild-liver": "mild-liver-or-renal",
    "severe-liver": "severe-liver-or-renal",
    "diabetes": "diabetes",
    "diabetes-with-complications": "diabetes-with-end-organ-damage",
    "malignancy": "tumour",
    "metastatic": "metastatic",
    "hiv": "hiv",
}
_RENAL: Final = "renal"
_SEVERE_RENAL: Final = ("N183", "N184", "N185", "N186", "Z490", "Z491", "Z492", "Z940", "Z992")
_MILD_RENAL: Final = ("N181", "N182")


def conditions_of(diagnoses: Collection[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Which of LACE's conditions the codes say, and what must be said of reading them so."""
    codes = readable(diagnoses)
    groups = {group.name: group.said_by(codes, Weighting.QUAN) for group in GROUPS}
    found = {condition for group, condition in _OF_GROUP.items() if groups[group]}
    renal = groups[_RENAL]
    if not renal:
        return frozenset(found), (BY_QUAN,)
    if any(code.startswith(_SEVERE_RENAL) for code in renal):
        return frozenset(found | {"severe-liver-or-renal"}), (BY_QUAN,)
    is_told = all(code.startswith(_MILD_RENAL) for code in renal)
    return frozenset(found | {"mild-liver-or-renal"}), (BY_QUAN,) if is_told else (BY_QUAN, RENAL_IS_MILD)
