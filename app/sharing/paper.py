"""The paper that people sign, laid out as HTML and as PDF. Text reaches both as data and never as markup."""

from dataclasses import asdict
from datetime import datetime
from typing import Final

import orjson
import typst
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.settings import ROOT
from app.sharing.prose import Paper

_TEMPLATES: Final = ROOT / "app/sharing/templates"
_PAGES: Final = Environment(
    loader=PackageLoader("app.sharing"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def as_html(paper: Paper) -> str:
    """One page of HTML that needs nothing beside itself."""
    return _PAGES.get_template("agreement.html").render(paper=paper)


def as_pdf(paper: Paper, *, at: datetime) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same paper and instant."""
    said = orjson.dumps(asdict(paper)).decode()
    return bytes(
        typst.compile(
            str(_TEMPLATES / "agreement.typ"),
            format="pdf",
            sys_inputs={"paper": said},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            timestamp=int(at.timestamp()),
        )
    )
