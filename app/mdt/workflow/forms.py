"""What people fill in, and what is said to whoever filled it in wrongly: never what they wrote."""

import re
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.identity.requester import Requester
from app.sharing.facts import Account
from app.sharing.written.words import Ods

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Form(BaseModel):
    """What one step asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Change(Form):
    """What a step asks for that changes a thing: which version of it the writer had before them."""

    version: int = Field(ge=1, le=2**31 - 1, description="the version that you saw")


class Actor(Form):
    """Whoever did something, as it is remembered: their account, and who they were then."""

    issuer: str
    subject: str
    name: str
    organisation: Ods
    role: str

    @classmethod
    def of(cls, requester: Requester) -> "Actor":
        """Whoever asks."""
        return cls(
            issuer=requester.issuer,
            subject=requester.subject,
            name=requester.name,
            organisation=requester.organisation,
            role=requester.role,
        )

    @property
    def account(self) -> Account:
        """By what they are known again."""
        return Account(self.issuer, self.subject)


class Remark(Form):
    """What somebody said as they took a step."""

    at: datetime
    by: Actor
    event: str
    said: str


class Problem(NamedTuple):
    """One thing wrong with a form: where, and what to do."""

    field: str
    problem: str


FormT = TypeVar("FormT", bound=BaseModel)

NO_TIME: Final = "should be an instant, such as 2026-04-01T13:30:00+01:00"
"""What is said of what is no day with a time."""

_SAID: Final = {
    "missing": "is missing; fill it in",
    "extra_forbidden": "has a field that it does not know; take it out",
    "string_too_short": "is empty; fill it in",
    "string_too_long": "is too long; say it in fewer words",
    "string_type": "should be text",
    "date_from_datetime_parsing": "should be a date, such as 2026-04-01",
    "date_parsing": "should be a date, such as 2026-04-01",
    "date_type": "should be a date, such as 2026-04-01",
    "datetime_parsing": NO_TIME,
    "datetime_from_date_parsing": NO_TIME,
    "datetime_type": NO_TIME,
    "uuid_parsing": "should be an id, as another answer gave it",
    "uuid_type": "should be an id, as another answer gave it",
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "int_parsing": "should be a whole number",
    "int_type": "should be a whole number",
    "too_short": "names nobody or nothing; give at least one",
}
ABSENT: Final = frozenset(_SAID[kind] for kind in ("missing", "string_too_short", "too_short"))
"""What is said of what was left empty."""

NO_DAY: Final = _SAID["date_type"]
NO_CHOICE: Final = "should be one of"
"""What is said of what is no day, and how it begins of what is none of those to choose from."""


def filled_in(form: type[FormT], said: Any) -> FormT | list[Problem]:
    """The form, or every problem with it."""
    unfit = {name for name, value in said.items() if _is_unfit(value)} if isinstance(said, dict) else set()
    if unfit:
        named = {name if name in form.model_fields else "the form" for name in unfit}
        return sorted(Problem(name, "holds a character that is no text; type it anew") for name in named)
    try:
        return form.model_validate(said)
    except ValidationError as wrong:
        return sorted({_problem(error) for error in wrong.errors(include_url=False, include_input=False)})


def _is_unfit(value: Any) -> bool:
    """Whether it holds what is no text, such as NUL, which the database would refuse; however deep."""
    within = [value]
    while within:
        match within.pop():
            case str() as text if _UNFIT.search(text):
                return True
            case dict() as parts:
                within += [*parts, *parts.values()]
            case list() as parts:
                within += parts
    return False


_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def _problem(error: Any) -> Problem:
    loc = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]  # what it is called is theirs
    field = ".".join(str(part) for part in loc) or "the form"
    if error["type"] == "value_error":
        return Problem(field, str(error["ctx"]["error"]))
    if error["type"] in ("enum", "literal_error"):
        return Problem(field, f"{NO_CHOICE} {error['ctx']['expected']}")
    return Problem(field, _SAID.get(error["type"], "is not understood; see the form's description"))
