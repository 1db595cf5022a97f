"""People with accounts, and browsers that they sign in with."""

import re
from typing import Any

from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import transaction
from app.identity.account import LocalAccount
from app.identity.passwords.hashing import Passwords
from app.identity.passwords.store import put_password
from app.identity.store import put_accounts
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from tests.conftest import LITTLE

PASSWORD, FIRST, CHOSEN = "teapot gravel lantern", "first-given-password", "kestrel mauve tundra"

with Passwords(LITTLE) as _hashing:
    _HASHES = {each: _hashing.hashed(each) for each in (PASSWORD, FIRST)}


def put_person(
    engine: Engine, username: str, *roles: str, password: str = PASSWORD, must_change: bool = False, **more: Any
) -> None:
    one = LocalAccount(
        username=username,
        name="Nell Rushton",
        organisation=OdsCode("RL4C"),
        roles=tuple(Role(role) for role in roles or ("community-nurse",)),
        **more,
    )
    with transaction(engine) as connection:
        put_accounts(connection, [one])
        put_password(connection, username, _HASHES[password], must_change=must_change)


class Browser:
    """What somebody does in a browser: it keeps cookies, and says where a request comes from."""

    def __init__(self, client: TestClient) -> None:
        client.cookies.clear()
        self.client = client

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, follow_redirects=False, **more)

    def post(self, path: str, fields: dict[str, str] | None = None, **more: Any) -> Any:
        headers = {"sec-fetch-site": "same-origin", **more.pop("headers", {})}
        return self.client.post(path, data=fields or {}, headers=headers, follow_redirects=False, **more)

    def sign_in(self, username: str, password: str = PASSWORD, **more: str) -> Any:
        return self.post("/sign-in", {"username": username, "password": password, **more})

    def session(self) -> Any:
        return self.get("/session")

    def csrf(self) -> str:
        return str(self.session().json()["csrf"])

    @property
    def cookie(self) -> str:
        return next(iter(self.client.cookies.values()), "")

    def opened_with(self, secret: str) -> int:
        """The status of asking for the session with nothing but this cookie."""
        self.client.cookies.clear()
        return int(self.get("/session", headers={"cookie": f"pisano={secret}"}).status_code)

    def looks(self) -> int:
        """The status of looking at a record of nobody: 404 for whoever may ask."""
        path = "/api/persons/01234567-89ab-4def-8123-456789abcdef"
        return int(self.get(path, params={"purpose": "direct-care"}).status_code)


def let_time_pass(engine: Engine, **columns: str) -> None:
    """Let time pass for every session: columns set back by an interval."""
    with transaction(engine) as connection:
        for column, interval in columns.items():
            connection.exec_driver_sql(f"UPDATE session SET {column} = {column} - interval '{interval}'")


def text_of(page: Any) -> str:
    return re.sub(r"<[^>]*>", " ", page.text)
