"""A page: a template of the NHS design system, with what must stand on every page and in every answer's headings."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader
from starlette.responses import HTMLResponse

from app.asking.never_kept import NEVER_KEPT
from app.mdt.case_finding.segments import SEGMENTS
from app.record.read.foremost import person_name, spaced_number
from app.vocabulary.feed_title import feed_title
from app.vocabulary.glossary import terms_in
from app.vocabulary.plain_time import clock, plain_date, plain_time, weekday_time
from app.web.frame.static import address
from app.web.frame.words import wording
from app.web.frame.words.plain_words import explained

HEADERS: Final[Mapping[str, str]] = {
    **NEVER_KEPT,
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
}
"""Nothing is kept, framed or fetched from elsewhere, and no script runs that is not a file of ours."""

SEE_OTHER: Final = 303
CONFLICT: Final = 409
MISTAKEN: Final = 422

_WORDED: Final = ("iso_date", "period", "ago", "counted", "begun_large", "sentence", "rung")


def page(template: str, context: Mapping[str, Any], *, status: int = 200) -> HTMLResponse:
    """An answer made of one template."""
    return HTMLResponse(environment().get_template(template).render(context), status, dict(HEADERS))


@cache
def environment() -> Environment:
    """Our templates and the design system's; what is written into a page is escaped."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader("app.web"), PackageLoader("nhsuk_frontend_jinja")]),
        autoescape=True,
        undefined=ChainableUndefined,  # as the design system's components need
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"address": address, "terms_in": terms_in, "explained": explained}
    made.filters["person_name"] = person_name
    made.filters |= {"spaced_number": spaced_number, "partner_named": lambda code, names: names.partner(code)}
    made.filters |= {"feed_title": feed_title, "segment_title": lambda code: SEGMENTS.get(code, code)}
    made.filters |= {
        "plain_date": plain_date,
        "plain_time": plain_time,
        "weekday_time": weekday_time,
        "plain_clock": clock,
    }
    made.filters |= {name: getattr(wording, name) for name in _WORDED}
    return made
