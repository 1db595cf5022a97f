"""What is wrong with a form, field by field, and how the error summary tells it. Pure."""

from collections.abc import Mapping
from typing import Final


class Mistakes(dict[str, str]):
    """What is wrong, by the field that it is wrong in."""


def error_list(mistakes: Mapping[str, str]) -> list[dict[str, str]]:
    """The mistakes as the error summary links them to their fields."""
    return [{"text": text, "href": f"#{_FIRST.get(field, field)}"} for field, text in mistakes.items()]


_FIRST: Final = {"birth_date": "birth_date-day", "on": "on-day"}
"""Of a field in several boxes the first."""
