"""A team as other tables name it."""

from dataclasses import dataclass
from typing import Final

from app.adapters.mental_health_mhsds.tables import CODE_SETS
from app.vocabulary.label import Sensitivity

TEAM_TYPES: Final = CODE_SETS["SERVICE OR TEAM TYPE (MENTAL HEALTH)"]


@dataclass(frozen=True, slots=True)
class Team:
    """A team by the provider's own identifier and its national type; either may be unknown, and then is `""`."""

    local_id: str
    type: str

    @property
    def name(self) -> str:
        """What a reader sees: MHSDS holds no names of teams, so it is the label of the type."""
        return TEAM_TYPES.label(self.type) if self.type else "Mental health team"

    @property
    def sensitivity(self) -> Sensitivity:
        """Restricted for teams of the justice system, and for a place of safety: their name tells of detention."""
        return TEAM_TYPES.sensitivity(self.type)

    @property
    def shown_name(self) -> str:
        """The name where it may stand beside what is not restricted."""
        return self.name if self.sensitivity is Sensitivity.NORMAL else "Mental health team"
