"""Scopes say what a system may do, and never more than both sides meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.systems.scopes import Scopes

RESOURCES = ("*", "Patient", "Task", "Observation")
granted = st.dictionaries(st.sampled_from(RESOURCES), st.frozensets(st.sampled_from("cruds"), min_size=1))
texts = granted.map(
    lambda read: " ".join(f"system/{name}.{''.join(c for c in 'cruds' if c in some)}" for name, some in read.items())
)


@pytest.mark.parametrize(
    "text",
    [
        "system/Patient.read",
        "system/*.*",
        "system/Patient.sr",
        "system/Patient.",
        "system/patient.r",
        "user/Patient.r",
        "patient/*.rs",
        "system/Patient.r?status=final",
        "openid",
        "system/Patient.r  system/Task.r",
        "system/Patient.r\tsystem/Task.r",
    ],
)
def test_what_is_no_scope_of_a_system_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a scope is"):
        Scopes.parse(text)


def test_a_scope_for_every_type_permits_each() -> None:
    assert Scopes.parse("system/*.rs").permit("Patient", "rs")
    assert not Scopes.parse("system/*.rs").permit("Patient", "u")
    assert not Scopes.parse("system/Patient.rs").permit("*", "r")


def test_what_is_granted_is_what_both_name() -> None:
    asked, registered = Scopes.parse("system/*.rs system/Task.u"), Scopes.parse("system/Patient.r system/Task.cruds")
    assert str(asked & registered) == "system/Patient.r system/Task.rus"


@given(texts, texts, st.sampled_from(RESOURCES), st.sampled_from("cruds"))
def test_whatever_is_granted_both_permit(asked: str, registered: str, resource: str, interaction: str) -> None:
    both = Scopes.parse(asked) & Scopes.parse(registered)
    separately = (
        Scopes.parse(asked).permit(resource, interaction),
        Scopes.parse(registered).permit(resource, interaction),
    )
    assert both.permit(resource, interaction) == all(separately)


@given(texts)
def test_scopes_read_as_they_are_written(text: str) -> None:
    scopes = Scopes.parse(text)
    assert Scopes.parse(str(scopes)) == scopes
    assert all(scopes.permit(*one.removeprefix("system/").split(".")) for one in text.split())
