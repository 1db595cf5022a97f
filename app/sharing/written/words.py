"""The words of an agreement file, each with its shape.

Every text in a file is read as text, so that `no`, `508` and `1.10` mean what they look like.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, GetPydanticSchema, Tag, WithJsonSchema
from pydantic_core import core_schema

from app.sharing.written.duration import Duration, parse_span
from app.vocabulary.category import CATEGORIES
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role

T = TypeVar("T")

WORD = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
SPAN = r"^P(\d+[YMWD])*(T(\d+[HM])+)?$"


class Part(BaseModel):
    """A section of an agreement: nothing in it changes, and nothing that it does not know may stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _read_by(reader: Callable[[str], Any], shape: str, write: Callable[[Any], str] = str) -> GetPydanticSchema:
    """A text that `reader` turns into a value, or refuses with a `ValueError`; `shape` is what editors are told."""
    written = core_schema.plain_serializer_function_ser_schema(write, when_used="json")
    return GetPydanticSchema(
        lambda _kind, _handler: core_schema.no_info_after_validator_function(
            reader, core_schema.str_schema(min_length=1), serialization=written
        ),
        lambda _schema, _handler: {"type": "string", "pattern": shape},
    )


Word = Annotated[str, Field(pattern=WORD)]
Heading = Annotated[
    Word,
    WithJsonSchema({"anyOf": [{"enum": [str(each) for each in CATEGORIES]}, {"type": "string", "pattern": WORD}]}),
]
"""A category, or a group of them that the agreement names; editors offer the categories."""
ClauseId = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$")]
Text = Annotated[str, Field(min_length=1)]
Ods = Annotated[OdsCode, _read_by(OdsCode, r"^[A-Z0-9]{2,10}$")]
RoleName = Annotated[Role, _read_by(Role, WORD)]
PurposeName = Annotated[Purpose, _read_by(Purpose, WORD)]
ActionName = Annotated[Action, _read_by(Action, WORD)]
Period = Annotated[Duration, _read_by(Duration.parse, SPAN)]
Span = Annotated[timedelta, _read_by(parse_span, SPAN, lambda span: str(Duration(0, span)))]
Some = Annotated[tuple[T, ...], Field(min_length=1)]

_WORD_OR_LIST = Discriminator(lambda given: "list" if isinstance(given, list | tuple) else "word")

Parties = Annotated[Annotated[Literal["all"], Tag("word")] | Annotated[Some[Word], Tag("list")], _WORD_OR_LIST]
Controllers = Annotated[
    Annotated[Literal["raised-by"], Tag("word")] | Annotated[Some[Word], Tag("list")], _WORD_OR_LIST
]
Overrides = Annotated[Annotated[Literal["never"], Tag("word")] | Annotated[Some[Word], Tag("list")], _WORD_OR_LIST]
