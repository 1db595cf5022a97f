"""The care and support plan of the demonstration's first story, as his team agreed it."""

from typing import Final

from app.care_plan.plan import AboutMe, Action, Contingency, Goal, IfThen, Need, Parts, Support

HIS_PLAN: Final = Parts(
    about_me=AboutMe(
        what_matters="To stay in my own house, with my son, and to sleep in my own bed",
        how_to_support="Speak to me before you speak to him. I hear better on the left",
    ),
    support=Support(
        summary="At home, with one plan for both of them and the nurse as lead",
        needs=(
            Need(id="need-1", says="Cannot reach the shower since the second stroke"),
            Need(id="need-2", says="His son, who cares for him, is worn out"),
        ),
        goals=(
            Goal(id="goal-1", says="Washes by himself again", needs=("need-1",), test="A week without help"),
            Goal(id="goal-2", says="His son has two evenings a week", needs=("need-2",), test="He says so himself"),
        ),
        actions=(
            Action(
                id="action-1", says="Fit a seat and a rail in the shower", goals=("goal-1",), owner="Hal Okafor",
                organisation="WH100", status="in-progress",
            ),
            Action(
                id="action-2", says="Find a sitter for Tuesdays and Fridays", goals=("goal-2",), owner="Sam Oyelaran",
                organisation="LA508",
            ),
        ),
        coordinator="Kit Lane",
        agreed="agreed",
    ),
    contingency=Contingency(
        steps=(IfThen(sign="He falls, or cannot speak clearly", do="Call 999, then his son", call="01632 960001"),)
    ),
)  # fmt: skip
