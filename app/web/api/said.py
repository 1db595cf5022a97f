"""What is sent to `/api`: bodies that hold what they may and nothing else, and what of them is not understood. Pure."""

from pydantic import BaseModel, ConfigDict

from app.errors import DomainError
from app.vocabulary.nhs_number import NHSNumber


class NotUnderstood(DomainError):
    """What was asked for cannot be looked for."""


class Said(BaseModel):
    """A body; none of it is shown in an error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def number_of(text: str) -> NHSNumber:
    """An NHS number in any spacing; raises `NotUnderstood`."""
    try:
        return NHSNumber.parse(text)
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
