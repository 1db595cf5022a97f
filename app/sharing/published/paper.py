"""The paper that people sign, laid out as HTML and as PDF. Text reaches both as data and never as markup."""

from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import Final

from app.printing import pages_of, pdf
from app.sharing.published.blocks import Paper

_TEMPLATE: Final = resources.files("app.sharing.published").joinpath("templates/agreement.typ")
_PAGES: Final = pages_of("app.sharing.published")


def as_html(paper: Paper) -> str:
    """One page of HTML that needs nothing beside itself."""
    return _PAGES.get_template("agreement.html").render(paper=paper)


def as_pdf(paper: Paper, *, at: datetime) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same paper and instant."""
    return pdf(_TEMPLATE, asdict(paper), at=at)
