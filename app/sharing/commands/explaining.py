"""`pisano isa explain`: why someone of this place, or someone described, may or may not see something."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from psycopg import AsyncConnection
from pydantic import ValidationError
from rich.panel import Panel

from app.console import AsJson, console, print_json
from app.database.pipeline import over
from app.database.postgres import database_address
from app.database.transactions import Role as DatabaseRole
from app.database.transactions import acting_as, plain_address
from app.errors import DomainError
from app.identity.requester import Requester
from app.identity.store import account_of
from app.settings import settings
from app.sharing.checked.agreement import read_agreements
from app.sharing.checked.examples import scene_of
from app.sharing.explain import Explanation, explain
from app.sharing.facts import PersonFacts
from app.sharing.known.gathering import facts_of
from app.sharing.law import Agreements
from app.sharing.written.document import Agreement
from app.sharing.written.example import Example, Seen, Situation
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Label
from app.vocabulary.token import Action, Purpose, Role


class NothingToExplain(DomainError):
    """The question names nobody, or something that there is not."""


def explain_command(
    label: Annotated[str, typer.Argument(help="What: CONTROLLER/CATEGORY/SENSITIVITY, such as RL4/problems/normal.")],
    purpose: Annotated[str, typer.Option(help="What for, such as direct-care.")],
    action: Annotated[str, typer.Option(help="What is done: find, read or export.")] = "read",
    username: Annotated[str, typer.Option("--as", help="Who asks: an account of this place…")] = "",
    person: Annotated[UUID | None, typer.Option(help="…and about whom: the id of a person of this place.")] = None,
    role: Annotated[str, typer.Option(help="Or a role…")] = "",
    party: Annotated[str, typer.Option("--at", help="…at a party, as the agreement calls it…")] = "",
    relationship: Annotated[str | None, typer.Option(help="…with a relationship of this kind…")] = None,
    flag: Annotated[list[str] | None, typer.Option(help="…and flags on the person: dissent=acute.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say why something may or may not be seen: by someone of this place, or by someone whom you describe."""
    agreements, at = read_agreements(settings().agreements), datetime.now(UTC)
    try:
        what, why, doing = Label.parse(label), Purpose(purpose), Action(action)
        if username and person:
            requester, facts = asyncio.run(_of_this_place(username, person, role, at))
        elif not role:
            raise NothingToExplain("say who asks, and about whom: --as and --person, or --role and --at")
        else:
            situation = Situation(relationship=relationship, flags=dict(_flag(each) for each in flag or ()))
            requester, facts = _described(agreements, Role(role), party, why, situation, at)
    except ValidationError:
        raise NothingToExplain("relationships and parties are lower-case words, as the agreement calls them") from None
    except ValueError as wrong:
        raise NothingToExplain(f"the question cannot be read: {wrong}") from None
    explained = explain(requester, what, action=doing, purpose=why, facts=facts, agreements=agreements, at=at)
    if as_json:
        print_json(_as_json(explained))
    else:
        _print(explained)


def _flag(text: str) -> tuple[FlagKind, str]:
    kind, raised, party = text.partition("=")
    if not raised:
        raise ValueError("a flag is written with who raised it, such as dissent=acute")
    return FlagKind(kind), party


def _described(
    agreements: Agreements, role: Role, party: str, purpose: Purpose, situation: Situation, at: datetime
) -> tuple[Requester, PersonFacts]:
    agreement = _agreement_of(agreements, party)
    for raised_by in situation.flags.values():
        _agreement_of(agreements, raised_by)
    seen = Seen(categories=("demographics",))
    example = Example(says="described", as_=role, at=party, purpose=purpose, person=situation, see=seen, expect="deny")
    return scene_of(example, agreement, at)


def _agreement_of(agreements: Agreements, party: str) -> Agreement:
    for agreement in agreements.documents:
        if any(each.id == party for each in agreement.parties):
            return agreement
    raise NothingToExplain(
        "no agreement has such a party; give --as and --person, or --role and --at with a party's id"
    )


async def _of_this_place(username: str, person: UUID, role: str, at: datetime) -> tuple[Requester, PersonFacts]:
    with database_address(settings()) as url:
        address = plain_address(url)
        async with await AsyncConnection.connect(address, options=acting_as(DatabaseRole.SERVICE)) as connection:
            account = await account_of(connection, username)
            requester = account.asking(Role(role) if role else None) if account else None
            if requester is None:
                raise NothingToExplain("no account of that name holds that role; check --as and --role")
            return requester, await facts_of(over(connection), person, at=at)


def _as_json(explained: Explanation) -> dict[str, object]:
    decision = explained.decision
    return {
        "label": str(explained.label),
        "decision": "permit" if explained.permitted else "deny",
        "agreements": [str(version) for version in decision.agreements],
        "deciding": explained.deciding,
        "near_misses": explained.near_misses,
        "facts": explained.facts,
        "counterfactual": explained.counterfactual,
        "alarm": decision.alarm,
        "viewer_text": explained.viewer_text,
        "route_to_emergency_access": decision.route_to_emergency_access,
    }


def _print(explained: Explanation) -> None:
    decision, lines = explained.decision, []
    lines.append(f"decided by: {', '.join(explained.deciding) or 'no clause grants it'}")
    lines += [f"nearly by: {miss.clause}, which lacked {' and '.join(miss.missing)}" for miss in explained.near_misses]
    lines.append(f"facts: {', '.join(explained.facts) or 'none'}")
    if decision.alarm:
        lines.append(f"alarm: {decision.alarm}")
    else:
        otherwise = "deny" if explained.permitted else "permit"
        lines.append(f"it would {otherwise}: {explained.counterfactual or 'never, whatever the facts'}")
    lines.append(f"under: {', '.join(f'{one.id} {one.version}' for one in decision.agreements) or 'no agreement'}")
    lines += [f"the viewer reads: {sentence}" for sentence in explained.viewer_text]
    title = f"{'permit' if explained.permitted else 'deny'}: {explained.label}"
    console.print(Panel("\n".join(lines), title=title, title_align="left"), markup=False, highlight=False)
