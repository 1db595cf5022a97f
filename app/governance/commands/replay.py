"""`pisano isa replay`: past decisions made again, by the agreements and with the facts as they were."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy import Connection

from app.audit.store import decisions_since
from app.console import AsJson, show
from app.database.place_engine import place_engine
from app.database.transactions import Role
from app.governance.proving.replay import DECIDED, Past, again, is_the_same, past
from app.governance.proving.simulate import facts_of_each
from app.governance.signing.agreeing import versions_kept
from app.settings import settings
from app.sharing.law import Agreements

_AT_ONCE = 1000


def replay_command(
    days: Annotated[int, typer.Option(help="How many days of decisions.", min=1)] = 90, as_json: AsJson = False
) -> None:
    """Make past decisions again; ends with 1 where one gives another answer than the trail tells."""
    since = datetime.now(UTC) - timedelta(days=days)
    with place_engine(settings(), Role.SERVICE) as engine, engine.connect() as connection:
        found = outcomes(connection, since)
    rows = [{"answer": answer, "decisions": count} for answer, count in sorted(found.items())]
    show(rows, title="Decisions made again", as_json=as_json)
    raise typer.Exit(1 if found["another"] else 0)


def outcomes(connection: Connection, since: datetime) -> Counter[str]:
    """How many decisions gave `the same` answer, `another`, or could not be made again: `not kept`."""
    laws: dict[tuple[str, ...], Agreements | None] = {}
    found: Counter[str] = Counter()
    with connection.engine.connect() as facts_from:
        for events in decisions_since(connection, since, DECIDED, _AT_ONCE):
            told = [past(event) for event in events]
            decisions = [one for one in told if one is not None]
            found["not kept"] += len(told) - len(decisions)
            found.update(_answers(facts_from, decisions, laws))
    return found


def _answers(
    connection: Connection, decisions: Sequence[Past], laws: dict[tuple[str, ...], Agreements | None]
) -> Iterator[str]:
    for one, facts in zip(decisions, facts_of_each(connection, decisions), strict=True):
        if one.agreements not in laws:
            laws[one.agreements] = versions_kept(connection, one.agreements)
        law = laws[one.agreements]
        if law is None:
            yield "not kept"
        else:
            yield "the same" if is_the_same(one, again(one, facts, law)) else "another"
