"""What stands foremost of somebody: what they are called, alike on every page, in packs, minutes and commands."""

import pytest

from app.record.read.foremost import name_of, person_name

NAMES = {
    "old": {"use": "old", "text": "Ida Brown"},
    "nickname": {"use": "nickname", "text": "Idy"},
    "usual": {"use": "usual", "given": ["Ida"], "family": "Tranter"},
    "official": {"use": "official", "prefix": ["Mrs"], "given": ["Ida", "May"], "family": "Tranter"},
}


@pytest.mark.parametrize(
    ("told", "called"),
    [
        (("old", "nickname", "usual", "official"), "Mrs Ida May Tranter"),
        (("old", "nickname", "usual"), "Ida Tranter"),
        (("old", "nickname"), ""),
        ((), ""),
    ],
)
def test_nobody_is_called_by_a_former_name_whichever_is_told_first(told: tuple[str, ...], called: str) -> None:
    assert person_name({"name": [NAMES[use] for use in told]}) == called


def test_a_name_of_no_stated_use_is_their_own_and_a_nickname_is_told_apart() -> None:
    assert person_name({"name": [{"text": "Ida Tranter"}]}) == "Ida Tranter"
    assert name_of({"name": [NAMES["official"], NAMES["nickname"]]}, "nickname") == "Idy"
    assert person_name(None) == ""
