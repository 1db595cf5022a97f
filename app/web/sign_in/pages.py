"""The pages of signing in."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import HTMLResponse, RedirectResponse

from app.web.frame import layout

_SEE_OTHER: Final = 303


def page(name: str, context: Mapping[str, Any], *, status: int = 200) -> HTMLResponse:
    """An answer made of one template."""
    return layout.page(f"sign_in_{name}.html", {"error": None} | dict(context), status=status)


def go_to(path: str) -> RedirectResponse:
    """Lead the browser on, so that going back or loading again sends no form twice."""
    return RedirectResponse(path, _SEE_OTHER, {"cache-control": "no-store"})
