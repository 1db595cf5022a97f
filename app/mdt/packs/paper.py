"""The pack as HTML and as PDF, with its reader's name on each page. Text reaches both as data and never as markup."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from importlib import resources
from typing import Any, Final

from app.mdt.packs.contents import Pack
from app.printing import pages_of, pdf
from app.record.read.foremost import beware, death, spaced_number
from app.record.repeats import Saying, repeated
from app.sharing.names import Names
from app.vocabulary.contact_point import holding
from app.vocabulary.fhir_elements import WHOLE_DAY
from app.vocabulary.london import london_date
from app.vocabulary.plain_time import age, clock, plain_date, plain_time, weekday_time

_TEMPLATE: Final = resources.files("app.mdt.packs").joinpath("templates/pack.typ")
_PAGES: Final = pages_of("app.mdt.packs")


def as_html(pack: Pack) -> str:
    """One page of HTML that needs nothing beside itself."""
    return _PAGES.get_template("pack.html").render(pack=as_said(pack))


def as_pdf(pack: Pack, *, whole: bool = False) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same pack: a leaf a person, `whole` with the detail."""
    said = as_said(pack)
    pages = said["pages"] if whole else [{**page, "detail": []} for page in said["pages"]]
    return pdf(_TEMPLATE, {**said, "pages": pages}, at=pack.at)


def as_said(pack: Pack) -> dict[str, Any]:
    """The pack as both templates take it: instants as London reads them, the detail as lines."""
    frozen = plain_time(pack.frozen_at)
    return {
        "title": f"Pack for the multidisciplinary team{f' of {pack.title}' if pack.title else ''}",
        "when": weekday_time(pack.starts_at),
        "reader": (pack.reader, pack.role, pack.organisation, plain_time(pack.at)),
        "frozen": f"As the record was at {frozen}" if pack.is_locked else f"Not locked yet; as of {frozen}",
        "sources": list(dict.fromkeys(source for page in pack.pages for source in page.sources)),
        "pages": [_page(asdict(page), pack.names, london_date(pack.frozen_at)) for page in pack.pages],
    }


def _page(page: dict[str, Any], names: Names, on: date) -> dict[str, Any]:
    told, view = page["told"], page["view"]
    return {
        "name": _name(page),
        "header": _header(page),
        "question": told["question"],
        "what_matters": told["what_matters"],
        "facts": [{"term": term, "said": said} for term, said in _facts(page, names, on) if said],
        "parts": [{"title": title, "lines": list(lines)} for title, lines in _parts(page) if lines],
        "detail": [_heading(heading, names, on) for heading in view["headings"] if heading["entries"]],
        "notice": view["notices"]["banner"],
    }


def _name(page: dict[str, Any]) -> str:
    return page["name"] or "Name not shown"


def _header(page: dict[str, Any]) -> str:
    """By what each leaf says whose it is."""
    born, number = page["born"], spaced_number(page["view"]["identity"] or {})
    told = [_name(page), *([f"born {plain_date(born)}"] if born else []), *([f"NHS number {number}"] if number else [])]
    return ", ".join(told)


def _facts(page: dict[str, Any], names: Names, on: date) -> list[tuple[str, str]]:
    """Who they are, what to beware of, and how the team stands to them; what is empty is not shown."""
    told, view, born = page["told"], page["view"], page["born"]
    identity, warned, died = view["identity"] or {}, beware(view), death(view, names)
    until = died.until(on)
    years = f" ({age(date.fromisoformat(born), until)})" if len(born) == WHOLE_DAY and until else ""
    return [
        ("NHS number", spaced_number(identity)),
        ("Born", f"{plain_date(born)}{years}" if born else ""),
        ("Died", died.said),
        ("Alerts", "; ".join(one.title for one in warned.warnings)),
        ("Allergies", "; ".join(one.title for one in warned.no_known)),
        ("Due", f"{clock(told['due'])}, {told['minutes']} minutes, {told['cause'].plain}"),
        ("Presented by", told["presenter"]),
        ("Lead professional", told["lead"]),
        ("Care coordinator", told["coordinator"]),
        ("On the caseload since", plain_date(told["since"])),
        ("Informed", told["informed"]),
        *told["referral"],
    ]


def _parts(page: dict[str, Any]) -> list[tuple[str, Sequence[str]]]:
    """What is read at a glance, in the order in which it is; what is empty is not shown."""
    told = page["told"]
    return [
        ("Decided", told["decided"]),
        *page["glance"],
        ("Risk scores", page["scores"]),
        ("Hospital in the last twelve months", page["hospital"]),
        ("Last time", [line for line in (told["last_time"], *told["actions"]) if line]),
        ("Changed since the team last met about them", page["changed"]),
        ("Missing from this pack", page["missing"]),
        ("Nobody states", page["gaps"]),
        ("Added since the agenda was locked", page["added"]),
    ]


def _heading(heading: dict[str, Any], names: Names, on: date) -> dict[str, Any]:
    statements = [
        statement
        for group in heading["entries"]
        for statement in (group["statements"] if group["disagree"] else group["statements"][:1])
    ]
    sayings = [Saying(one["source"]["partner"], one["started"], one["title"], one["detail"]) for one in statements]
    reports = repeated(sayings)
    said = [_statement(one, names, on) for place, one in enumerate(statements) if place not in reports]
    return {"title": heading["heading"], "lines": said}


def _statement(one: dict[str, Any], names: Names, on: date) -> str:
    partner = names.partner(one["source"]["partner"])
    detail = holding(one["detail"], one.get("lapses", ()), on=on)
    parts = (names.told(one["title"]), names.told(detail), plain_date(one["started"]), partner)
    return " · ".join(part for part in parts if part)
