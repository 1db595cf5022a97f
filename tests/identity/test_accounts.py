"""Accounts are kept as they were told, and ask in one role at a time."""

import asyncio
from datetime import date

import psycopg
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.identity.account import LocalAccount
from app.identity.store import account_of, accounts, put_accounts
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

NURSE = LocalAccount(
    username="nurse",
    name="Nell Nurse",
    organisation=OdsCode("RL4C"),
    roles=(Role("community-nurse"), Role("mdt-chair")),
    teams=frozenset({"north"}),
    nhs_number=NHSNumber("9990000018"),
    training_until=date(2027, 1, 1),
)


def test_an_account_asks_in_its_first_role_unless_another_is_chosen() -> None:
    first, chosen = NURSE.asking(), NURSE.asking(Role("mdt-chair"))
    assert first is not None
    assert chosen is not None
    assert (first.role, chosen.role) == ("community-nurse", "mdt-chair")


def test_an_account_cannot_ask_in_a_role_that_it_does_not_hold() -> None:
    assert NURSE.asking(Role("gp")) is None


def test_an_account_without_roles_cannot_ask() -> None:
    assert LocalAccount(username="new", name="New", organisation=OdsCode("RL4"), roles=()).asking() is None


def test_accounts_come_back_as_they_were_put(engine: Engine, database_url: str) -> None:
    plain = LocalAccount(username="guest", name="Guest", organisation=OdsCode("VCS01"), roles=())
    with transaction(engine) as connection:
        put_accounts(connection, [NURSE, plain])
        put_accounts(connection, [NURSE])
        assert accounts(connection) == [plain, NURSE]

    async def ask() -> tuple[LocalAccount | None, LocalAccount | None]:
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            return await account_of(connection, "nurse"), await account_of(connection, "nobody")

    assert asyncio.run(ask()) == (NURSE, None)
