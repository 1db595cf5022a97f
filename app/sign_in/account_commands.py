"""`pisano account`: who may sign in with a password of this place's."""

import re
import secrets
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Final

import typer
from sqlalchemy import Connection

from app.audit.event import Kind
from app.console import AsJson, console, show
from app.errors import DomainError
from app.identity.account import ISSUER, LocalAccount
from app.identity.passwords.hashing import Passwords
from app.identity.passwords.store import passwords, put_password, set_locked
from app.identity.sessions.store import end_all
from app.identity.store import accounts, put_accounts
from app.settings import settings
from app.sharing.checked.agreement import read_agreements
from app.sign_in.operator import change, seen
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

account = typer.Typer(help="Accounts of a place without a sign-in provider.", no_args_is_help=True)

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_WORDS: Final = 5
_DAY: Final = ["%Y-%m-%d"]

Username = Annotated[str, typer.Argument(help="The name that they sign in with.")]
Roles = Annotated[list[str], typer.Option("--role", help="A role of the agreement; again for each.")]
Trained = Annotated[
    datetime | None, typer.Option(formats=_DAY, help="The last day of their information governance training.")
]


class NoAccount(DomainError):
    """There is no such account, there is one already, or it cannot be as it was told."""


@account.command("add")
def add_command(
    username: Username,
    name: Annotated[str, typer.Option(help="Who it is.")],
    organisation: Annotated[str, typer.Option(help="The ODS code of who employs them.")],
    role: Roles,
    team: Annotated[list[str] | None, typer.Option(help="A team they work in; again for each.")] = None,
    trained_until: Trained = None,
    nhs_number: Annotated[str | None, typer.Option(help="Their own, so that nobody looks themselves up.")] = None,
) -> None:
    """Make an account, and print its first password: it opens nothing but the choice of another."""
    try:
        one = LocalAccount(
            username=username,
            name=name,
            organisation=OdsCode(organisation),
            roles=_known(role),
            teams=frozenset(team or ()),
            nhs_number=NHSNumber.parse(nhs_number) if nhs_number else None,
            training_until=trained_until.date() if trained_until else None,
        )
    except ValueError as error:
        raise NoAccount(f"not added: {error}") from None
    _add(one)


@account.command("add-person")
def add_person_command(
    username: Username,
    name: Annotated[str, typer.Option(help="Who it is.")],
    nhs_number: Annotated[str, typer.Option(help="Theirs, once you know that they are who they say.")],
) -> None:
    """Let somebody see who looked at their own record, and nothing else; print their first password."""
    try:
        number = NHSNumber.parse(nhs_number)
    except ValueError as error:
        raise NoAccount(f"not added: {error}") from None
    _add(LocalAccount(username=username, name=name, organisation=None, roles=(), nhs_number=number))


@account.command("reset")
def reset_command(username: Username) -> None:
    """Give an account a new first password, open it, and end its sessions."""
    first = _first_password()

    def reset(connection: Connection, at: datetime) -> None:
        _the_account(connection, username)
        put_password(connection, username, _hashed(first), must_change=True)
        end_all(connection, ISSUER, username)

    change(settings(), Kind.ACCOUNT_CHANGED, username, reset, reason="reset")
    _print_first(username, first)


@account.command("lock")
def lock_command(username: Username) -> None:
    """Let nobody in by an account until it is unlocked, and end its sessions."""
    _set_locked(username, locked=True)


@account.command("unlock")
def unlock_command(username: Username) -> None:
    """Let its owner in again, and forget the wrong passwords."""
    _set_locked(username, locked=False)


@account.command("roles")
def roles_command(username: Username, role: Roles, trained_until: Trained = None) -> None:
    """Give an account these roles instead of those it has, and end its sessions."""

    def give(connection: Connection, at: datetime) -> None:
        held = _the_account(connection, username)
        if held.organisation is None:
            raise NoAccount("that account is of somebody who signs in for themselves, and can hold no role")
        until: date | None = trained_until.date() if trained_until else held.training_until
        put_accounts(connection, [replace(held, roles=_known(role), training_until=until)])
        end_all(connection, ISSUER, username)

    change(settings(), Kind.ACCOUNT_CHANGED, username, give, reason="roles")


@account.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Show every account."""
    found, kept = seen(settings(), lambda connection: (accounts(connection), passwords(connection)))
    rows = [_row(one, *kept.get(one.username, (False, None, None))) for one in found]
    show(rows, title="Accounts", as_json=as_json, empty="none")


def _add(one: LocalAccount) -> None:
    """Keep a new account, and print its first password."""
    if not _NAME.fullmatch(one.username):
        raise NoAccount("not added: a name to sign in with is lower-case letters, digits, dots, hyphens, underlines")
    first = _first_password()

    def add(connection: Connection, at: datetime) -> None:
        if any(each.username == one.username for each in accounts(connection)):
            raise NoAccount("not added: there is an account of that name; change its roles, or reset its password")
        put_accounts(connection, [one])
        put_password(connection, one.username, _hashed(first), must_change=True)

    change(settings(), Kind.ACCOUNT_CHANGED, one.username, add, reason="added")
    _print_first(one.username, first)


def _row(one: LocalAccount, must_change: bool, locked: bool | None, waits_until: datetime | None) -> dict[str, object]:
    state = "no password" if locked is None else "locked" if locked else "to be changed" if must_change else "open"
    return {
        "username": one.username,
        "name": one.name,
        "organisation": one.organisation,
        "roles": ", ".join(one.roles) if one.organisation else "sees who looked at their own record",
        "trained_until": one.training_until,
        "password": state,
        "waits_until": waits_until,
    }


def _set_locked(username: str, *, locked: bool) -> None:
    def act(connection: Connection, at: datetime) -> None:
        if not set_locked(connection, username, locked):
            raise NoAccount("no account of that name has a password; `pisano account list` shows those that are there")
        end_all(connection, ISSUER, username)

    change(settings(), Kind.ACCOUNT_CHANGED, username, act, reason="locked" if locked else "unlocked")


def _the_account(connection: Connection, username: str) -> LocalAccount:
    for one in accounts(connection):
        if one.username == username:
            return one
    raise NoAccount("there is no account of that name; `pisano account list` shows those that are there")


def _known(roles: list[str]) -> tuple[Role, ...]:
    known = read_agreements(settings().agreements).roles
    unknown = [role for role in roles if role not in known]
    if unknown:
        raise NoAccount(f"no agreement knows the role `{unknown[0]}`; `pisano isa matrix` shows those that there are")
    return tuple(Role(role) for role in roles)


def _first_password() -> str:
    """Read out on the telephone as easily as it is typed; 100 bits of chance."""
    return "-".join(secrets.token_hex(2) + secrets.choice("bcdfghjkmnpqrstvwxyz") for _ in range(_WORDS))


def _hashed(password: str) -> str:
    with Passwords() as hashing:
        return hashing.hashed(password)


def _print_first(username: str, first: str) -> None:
    console.print(f"{username} signs in first with  {first}", highlight=False, markup=False)
    console.print("and then chooses a password of their own. Tell it to nobody else; it is shown once.")
