"""What puts a tenancy at risk: arrears, notices, an eviction date. Never an amount: it would help no one to care.

Balances, rents and charges are not read from any shape. A text that may hold an amount is left out, and told of.
"""

from collections.abc import Iterator
from typing import Final

from app.adapters.delimited import spelling
from app.adapters.discretion import holds_amount
from app.adapters.housing import codes
from app.adapters.housing.facts.entries import Fact, entry, flag, iso, told
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Standing

_RISK: Final = Category("tenancy-risk")
_RISKS: Final = {
    "arrears": "rent arrears",
    "notice": "notice served",
    "possession": "possession proceedings",
    "eviction": "eviction date set",
}


def read(row: Row, person: str) -> Iterator[Fact]:
    """One risk to a tenancy, as a Flag; a notice that says nothing, as some systems send, is none."""
    started, takes_effect, ended = row.on("start_date"), row.on("effective_date"), row.on("end_date")
    kind, notice, stage = (_without_amount(row, name) for name in ("risk_type", "notice_type", "stage"))
    risk = spelling(kind)
    if risk == "notice" and not (notice or started or takes_effect):
        return
    if risk not in _RISKS:
        row.warn("risk_type", "is not a known risk; it is kept as given, and not shared by default")
    over = row.yes("is_active") is False
    title = f"Tenancy at risk: {_RISKS.get(risk) or kind or 'kind not told'}"
    own = row.text("tenancy_risk_id") or f"{row.text('tenancy_id')}/{risk}/{spelling(notice)}/{iso(started) or ''}"
    yield entry(
        row,
        f"Flag/tenancy-risk/{own}/{person}",
        _RISK,
        flag(_RISK, {"text": title}, active=not over, started=started, ended=ended),
        title,
        details=[codes.in_words(notice), stage, told("since", started), told("takes effect on", takes_effect)],
        started=started,
        ended=ended,
        standing=Standing.ENDED if over else Standing.CURRENT,
        sensitivity=Sensitivity.NORMAL if risk in _RISKS else Sensitivity.RESTRICTED,
    )


def _without_amount(row: Row, name: str) -> str:
    text = row.text(name)
    if holds_amount(text):
        row.warn(name, "may hold an amount of money; it was left out")
        return ""
    return text
