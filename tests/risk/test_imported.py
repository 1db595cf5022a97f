"""Scores that others computed are taken as they are said."""

from datetime import date
from decimal import Decimal

import pytest

from app.risk.algorithm import ALGORITHMS, algorithm
from app.risk.imported import ImportedScore, imported

ON = date(2026, 6, 30)


def take(name: str, value: str, *, age: int | None = 80, version: str | None = "2") -> ImportedScore:
    return imported(name=name, value=value, version=version, on=ON, age=age)


@pytest.mark.parametrize("name", ["eFI2", "efi 2", "EFI-2"])
def test_a_known_score_is_known_in_any_spelling(name: str) -> None:
    found = algorithm(name)

    assert found is ALGORITHMS["electronic-frailty-2"]
    assert take(name, "0.17").value == Decimal("0.17")


def test_an_unknown_algorithm_is_kept_as_it_is_said() -> None:
    said = take("Acme Risk", "Tier 3 (very high)")

    assert (said.algorithm, said.value, said.said_value) == (None, None, "Tier 3 (very high)")
    assert "not a score that is known" in said.limits[0]


@pytest.mark.parametrize(
    ("name", "value"), [("CFS", "10"), ("CFS", "0"), ("CFS", "4.5"), ("eFI2", "1.2"), ("CFS", "NaN"), ("LACE", "high")]
)
def test_a_value_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="none that"):
        take(name, value)


def test_the_frailty_scale_under_65_is_kept_and_marked() -> None:
    assert take("Rockwood", "6", age=50).limits == ("outside validation: studied from 65",)
    assert take("Rockwood", "6", age=65).limits == ()


def test_a_missing_version_is_told() -> None:
    assert take("CFS", "6", version=None).limits == ("its version is not stated",)
