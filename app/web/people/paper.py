"""A person's record as a PDF with its reader's name across each page. Text reaches it as data, never as markup."""

from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import Any, Final

from app.printing import pdf
from app.vocabulary.plain_time import plain_date, plain_time
from app.web.frame.viewer import Viewer
from app.web.frame.words.wording import period
from app.web.people.person import PersonPage, Source
from app.web.people.stated import Group, Statement

_TEMPLATE: Final = resources.files("app.web").joinpath("templates/people/person.typ")


def as_pdf(page: PersonPage, reader: Viewer) -> bytes:
    """A tagged PDF (PDF/UA-1) of all that the page leads to, the same bytes for the same page and reader."""
    said: dict[str, Any] = {
        "banner": asdict(page.banner),
        "reader": reader.on_paper(plain_time(page.at)),
        "headings": [
            {
                "text": one.text,
                "lines": [_line(each) for group in one.groups for each in _told(group)],
                "nothing": "" if one.groups else one.nothing,
            }
            for one in page.headings
            if one.category != "demographics"
        ],
        "notices": page.notices,
        "sources": [_source(one) for one in page.sources],
    }
    return pdf(_TEMPLATE, said, at=page.at)


def _told(group: Group) -> tuple[Statement, ...]:
    """Each account of a disagreement, and one of what is the same."""
    return group.statements if group.disagree else group.statements[:1]


def _line(one: Statement) -> dict[str, Any]:
    when = period(one.started, one.ended) or (f"recorded {plain_date(one.recorded)}" if one.recorded else "")
    return {"title": one.title, "detail": one.detail, "source": f"{when} · {one.partner}" if when else one.partner}


def _source(one: Source) -> str:
    return f"{one.partner}: {_heard(one.last_message_at)}{', late' if one.late_since else ''}"


def _heard(at: datetime | None) -> str:
    return f"last heard from on {plain_time(at)}" if at else "never heard from"
