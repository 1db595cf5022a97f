"""Pages about the agreements: what they say in plain English, and which role may see what. They tell of nobody."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from app.sharing.names import Names
from app.sharing.published.matrix import Cell, matrix
from app.sharing.published.paper import as_pdf
from app.sharing.published.phrases import long
from app.sharing.published.prose import paper
from app.sharing.written.document import Agreement
from app.vocabulary.category import CATEGORIES
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Role
from app.web.frame.layout import HEADERS, page
from app.web.frame.viewing import Looking, Viewing

router = APIRouter(prefix="/agreements", include_in_schema=False)

_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One heading of the matrix; under each role, from whom that role sees it, or nothing."""

    heading: str
    cells: tuple[str, ...]


@router.get("")
async def agreements(looking: Looking) -> Response:
    """Every agreement of the place, with when it is to be reviewed."""
    on = london_date(looking.asked.at)
    told = [(one, paper(one), review_note(one, on)) for one in looking.agreements.documents]
    return page("oversight/agreements.html", looking.context() | {"agreements": told})


@router.get("/matrix")
async def roles_and_headings(looking: Looking, purpose: str = "direct-care") -> Response:
    """Which role sees which heading, from whom, for one purpose."""
    law = looking.agreements.in_force(looking.asked.at)
    cells = [cell for cell in matrix(law, looking.agreements.lattice, READ) if cell.purpose == purpose]
    roles = sorted({cell.role for cell in cells}, key=looking.names.role)
    context = {
        "roles": [looking.names.role(role) for role in roles],
        "rows": rows(cells, roles, looking.names),
        "purposes": looking.names.purposes,
        "chosen": purpose,
    }
    return page("oversight/agreement_matrix.html", looking.context() | context)


@router.get("/{isa}")
async def agreement(isa: str, looking: Looking) -> Response:
    """One agreement, as its parties sign it."""
    return page(
        "oversight/agreement_prose.html", looking.context() | {"paper": paper(_called(isa, looking)), "isa": isa}
    )


@router.get("/{isa}/agreement.pdf")
async def printed(isa: str, looking: Looking) -> Response:
    """The same, to print."""
    content = await asyncio.to_thread(as_pdf, paper(_called(isa, looking)), at=looking.asked.at)
    return Response(content, headers=dict(HEADERS), media_type="application/pdf")


def rows(cells: Sequence[Cell], roles: Sequence[Role], names: Names) -> list[Row]:
    """The matrix as a table has it, in the order of the headings; a heading that no role sees is left out.

    `All partners` are those that give anything at all for this purpose.
    """
    held = {(cell.role, cell.category): cell for cell in cells}
    shown = {cell.category for cell in cells}
    giving = {code: names.partner(code) for code in sorted({code for cell in cells for code in cell.controllers})}
    return [
        Row(category.heading, tuple(_from_whom(held.get((role, category)), giving) for role in roles))
        for category in CATEGORIES
        if category in shown
    ]


def _from_whom(cell: Cell | None, partners: Mapping[OdsCode, str]) -> str:
    if cell is None:
        return ""
    giving = [partners[code] for code in cell.controllers]
    missing = [name for code, name in partners.items() if code not in cell.controllers]
    if not missing:
        return "All partners"
    return ", ".join(giving) if len(giving) <= _FEW else f"All but {', '.join(missing)}"


def near_review(agreements: Iterable[Agreement], on: date) -> list[tuple[Agreement, str]]:
    """Those whose review is overdue or near, each with what there is to say of it, the soonest first."""
    told = [(one, review_note(one, on)) for one in sorted(agreements, key=lambda one: one.review_by)]
    return [(one, note) for one, note in told if note]


def review_note(one: Agreement, on: date) -> str:
    """What there is to say of the day by which it is reviewed, where that is near or gone."""
    left = one.review_by - on
    if left < timedelta():
        return "review is overdue"
    begun = [ahead for ahead in one.review_warned() if left <= ahead]
    return f"review is due within {long(begun[-1])}" if begun else ""


def _called(isa: str, looking: Viewing) -> Agreement:
    found = next((one for one in looking.agreements.documents if one.isa == isa), None)
    if found is None:
        raise HTTPException(404)
    return found
