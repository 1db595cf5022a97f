"""The two stories as the team tells them in its report: with permission, and without saying whom they are about."""

from collections.abc import Mapping
from typing import Any, Final

from app.demonstration.people.stories import FATHER, WOMAN_IN_HOSPITAL

CASE_STUDIES: Final[Mapping[int, Mapping[str, Any]]] = {
    FATHER: {
        "title": "One plan for a father and his son",
        "before": "An older man, housebound since a second stroke, was washed and dressed by a son who drank more the"
        " more tired he grew. Three partners each did a part, and none knew of the others' visits.",
        "done": "All three referred him in one week. The team made one plan for both, with one lead, and asked the"
        " landlord to come for the part about the shower and the window.",
        "became": "Each knows who comes on which day. Whether he stays well for it, one story cannot tell.",
        "own_words": "To stay in my own house, with my son",
        "learned": "Asking who else visits takes a minute, and nobody had asked.",
    },
    WOMAN_IN_HOSPITAL: {
        "title": "What kept her on the ward was the stairs",
        "before": "An older woman with a broken hip was fit to leave hospital, and stayed: she could not climb the"
        " stairs of her house, and nobody's task was to find out what would let her go.",
        "done": "The ward referred her as urgent. Hospital, community nursing and social care decided together where"
        " she goes meanwhile, and who asks about the house.",
        "became": "There is one plan with a day to look again. She was still in hospital when this was written.",
        "own_words": "My own bed, and my neighbour's visits",
    },
}
"""By the number of the resident; each is written by the nurse and approved by the chair."""
