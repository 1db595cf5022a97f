"""The pages of signing in."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse

from app.asking.never_kept import NEVER_KEPT
from app.web.frame import layout
from app.web.frame.layout import SEE_OTHER


def page(name: str, context: Mapping[str, Any], *, status: int = 200) -> HTMLResponse:
    """An answer made of one template."""
    return layout.page(f"sign_in/{name}.html", {"error": None} | dict(context), status=status)


def go_to(path: str) -> RedirectResponse:
    """Lead the browser on, so that going back or loading again sends no form twice."""
    return RedirectResponse(path, SEE_OTHER, dict(NEVER_KEPT))
