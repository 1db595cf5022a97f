"""The schema of an agreement file as JSON Schema, for editors: what `document` checks, said to them."""

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from app.sharing.written.document import Agreement

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class _ForEditors(GenerateJsonSchema):
    """Without titles, which would only repeat the keys."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012

    def field_title_should_be_set(self, schema: Any) -> bool:
        """None."""
        return False


def json_schema() -> dict[str, Any]:
    """JSON Schema, 2020-12. It holds every key and every shape; whether words are defined, `isa check` tells."""
    generated = Agreement.model_json_schema(by_alias=True, schema_generator=_ForEditors)
    return {"$schema": _DIALECT, **_without_titles(generated)}


def _without_titles(schema: Any) -> Any:
    """The same without the names of our classes; a property that is called `title` stays."""
    if isinstance(schema, list):
        return [_without_titles(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_titles(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)
    }
