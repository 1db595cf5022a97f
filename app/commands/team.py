"""`pisano mdt`: the teams' steps and what they see, as somebody of a demonstration place."""

from typing import Final

import typer

from app.commands import team_figures, team_reading, team_steps, team_upkeep
from app.mdt.steps.table import STEPS

mdt = typer.Typer(help="The multidisciplinary teams.", no_args_is_help=True)

_GROUPS: Final = {
    name: typer.Typer(help=f"Steps of {name}.", no_args_is_help=True)
    for name in dict.fromkeys(one.things for one in STEPS)
}
for _name, _group in _GROUPS.items():
    mdt.add_typer(_group, name=_name)
for _step in STEPS:
    _GROUPS[_step.things].command(_step.event, help=_step.says)(team_steps.command_of(_step))

mdt.command("form")(team_steps.form_command)
mdt.command("list")(team_reading.list_command)
mdt.command("show")(team_reading.show_command)
mdt.command("pack")(team_reading.pack_command)
mdt.command("minutes")(team_reading.minutes_command)
mdt.command("invitation")(team_reading.invitation_command)
mdt.command("localities")(team_upkeep.localities_command)
mdt.command("outbox")(team_upkeep.outbox_command)
mdt.command("tend")(team_upkeep.tend_command)
mdt.command("tables")(team_upkeep.tables_command)
mdt.command("case-finding")(team_figures.case_finding_command)
mdt.command("measures")(team_figures.measures_command)
mdt.command("over-time")(team_figures.over_time_command)
mdt.command("impact")(team_figures.impact_command)
