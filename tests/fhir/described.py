"""What the door says of itself, for tests that ask all of it."""

from functools import cache
from typing import Any

import schemathesis

from app.main import create_app
from app.settings import Settings


@cache
def described() -> dict[str, Any]:
    """Every operation of the door, and of what pages and teams do, by its label."""
    measured: Any = create_app(Settings(demonstration=True), "postgresql://127.0.0.1/none")
    schema: Any = schemathesis.openapi.from_dict(measured._app.router.default.openapi())
    found = [each.ok() for each in schema.include(path_regex="^/(fhir/R4|api/)").get_all_operations()]
    return {operation.label: operation for operation in found}
