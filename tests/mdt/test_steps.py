"""The table of steps: what each is said to make or change is what it does."""

from typing import Any, get_type_hints

import pytest

from app.mdt.steps.table import STEPS, THINGS, Step
from app.mdt.workflow.meeting import Meeting


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.things}/{step.event}")
def test_what_comes_of_a_step_is_of_the_kind_that_it_is_a_step_of(step: Step[Any]) -> None:
    comes = get_type_hints(step.act)["return"]
    if (step.things, step.event) == ("meetings", "new"):
        assert comes == list[Meeting]
    elif step.things in THINGS:
        assert comes is THINGS[step.things]
