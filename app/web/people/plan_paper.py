"""A care and support plan as a PDF with its reader's name across each page. Text reaches it as data, not as markup."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import Any, Final

from app.care_plan.read import PartVersion
from app.care_plan.wording import PartInWords
from app.printing import pdf
from app.sharing.names import Names
from app.vocabulary.plain_time import plain_time
from app.web.frame.viewer import Viewer
from app.web.people.banner import Banner

_TEMPLATE: Final = resources.files("app.web").joinpath("templates/people/plan.typ")


def as_pdf(
    banner: Banner, parts: Sequence[tuple[PartVersion, PartInWords]], reader: Viewer, names: Names, *, at: datetime
) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same plan, reader and instant."""
    said: dict[str, Any] = {
        "banner": {name: asdict(banner)[name] for name in ("name", "nhs_number", "born", "telephone")},
        "reader": reader.on_paper(plain_time(at)),
        "parts": [
            asdict(words) | {"source": f"{one.author}, {names.partner(one.controller)}, {plain_time(one.at)}"}
            for one, words in parts
        ],
    }
    return pdf(_TEMPLATE, said, at=at)
