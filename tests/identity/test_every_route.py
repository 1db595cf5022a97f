"""Every route states who may call it, and nobody else gets past."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from fastapi import Body, Depends, FastAPI, Response
from fastapi.dependencies.models import Dependant
from sqlalchemy import Engine
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.testclient import TestClient

from app.asking.caller_first import CallerFirst
from app.asking.callers import BySession, ByThemselves, CalledBy, Everyone, NotForThem, Statement
from app.asking.inquiry import AskedBy
from app.database.transactions import transaction
from app.demonstration.place import staff
from app.identity.store import put_accounts
from app.identity.systems.store import register
from app.identity.tokens import issue, token_key
from app.main import create_app
from app.settings import Settings

from .systems import a_system, asking, claims, signed

pytestmark = pytest.mark.unmeasured  # other tests run the same lines


def routes_of(application: Any, prefix: str = "") -> Iterator[tuple[str, BaseRoute]]:
    """Every route that an application can come to, with its path, those of mounted and default ones included."""
    router = getattr(application, "router", application)
    for route in router.routes:
        if isinstance(route, Mount) and route.routes:
            yield from routes_of(route, prefix + route.path)
        elif hasattr(route, "original_router"):
            yield from routes_of(route.original_router, prefix)
        else:
            yield prefix + getattr(route, "path", "?"), route
    beyond = getattr(router, "default", None)
    if getattr(beyond, "routes", None) is not None:
        yield from routes_of(beyond, prefix)


def statements(route: BaseRoute) -> list[Statement]:
    stated = _depended_on(getattr(route, "dependant", None))
    marked = getattr(getattr(route, "endpoint", getattr(route, "app", None)), "called_by", None)
    return [*stated, *([marked] if marked else [])]


def _depended_on(dependant: Dependant | None) -> Iterator[Statement]:
    for each in dependant.dependencies if dependant else ():
        if isinstance(each.call, CalledBy | BySession | ByThemselves | Everyone):
            yield each.call
        elif isinstance(each.call, AskedBy):
            yield each.call.callers
        yield from _depended_on(each)


def all_routes(settings: Settings) -> Iterable[tuple[str, BaseRoute]]:
    measured: Any = create_app(settings, "postgresql://127.0.0.1/none")
    return list(routes_of(measured._app))


def test_every_route_states_who_may_call_it(settings: Settings) -> None:
    unstated = [path for path, route in all_routes(settings) if len(statements(route)) != 1]
    assert unstated == []


def test_the_first_part_of_an_address_leaves_out_no_route_that_it_could_mean(settings: Settings) -> None:
    measured: Any = create_app(settings, "postgresql://127.0.0.1/none")
    router = measured._app.router.default.router
    met = 0
    for template, _ in routes_of(measured._app):
        path = re.sub(r"\{person_id(:uuid)?\}", "01234567-89ab-4def-8123-456789abcdef", template)
        path = re.sub(r"\{[^}]*\}", "1", path)
        for asked in (path, f"{path}/", f"{path}/more", f"/{path}"):
            scope = {"type": "http", "method": "GET", "path": asked, "root_path": "", "headers": []}
            meant = [route for route in router.routes if route.matches(scope)[0] is not Match.NONE]
            few = router.middleware_stack.branch(scope).routes
            assert [route for route in few if route in meant] == meant, asked
            met += len(meant) > 0 and len(few) < len(router.routes)
    assert met > 100


def test_the_walk_meets_every_kind_of_route(settings: Settings) -> None:
    paths = {path for path, _ in all_routes(settings)}
    assert {"/api/persons/{person_id:uuid}", "/", "/openapi.json", "/metrics", "/oauth2/token"} <= paths
    assert "/fhir/R4/Patient/{person_id}/$everything" in paths


def test_a_route_that_states_nobody_is_found(settings: Settings) -> None:
    measured: Any = create_app(settings, "postgresql://127.0.0.1/none")
    api = measured._app.router.default
    api.router.routes.append(Route("/silent", lambda request: None))
    api.router.routes.append(Mount("/under", routes=[Route("/silent", lambda request: None)]))
    api.get("/unasked")(lambda: None)
    unstated = {path for path, route in routes_of(measured._app) if not statements(route)}
    assert unstated == {"/silent", "/under/silent", "/unasked"}


def test_whoever_is_not_signed_in_is_let_into_nothing_that_is_not_for_everyone(
    client: TestClient, settings: Settings
) -> None:
    asked = 0
    for template, route in all_routes(settings):
        (statement,) = statements(route)
        if isinstance(statement, Everyone):
            continue
        assert isinstance(route, Route) or hasattr(route, "methods")
        path = re.sub(r"\{person_id(:uuid)?\}", "01234567-89ab-4def-8123-456789abcdef", template)
        path = re.sub(r"\{[^}]*\}", "1", path)
        for method in getattr(route, "methods", None) or ():
            answer = client.request(method, path, params={"purpose": "direct-care"})
            assert answer.status_code == 401, f"{method} {template}"
            asked += 1
    assert asked >= 5


def test_nothing_is_read_of_what_somebody_sends_who_is_not_signed_in(client: TestClient, settings: Settings) -> None:
    read, asked = list[str](), 0
    for template, route in all_routes(settings):
        (statement,) = statements(route)
        sending = (getattr(route, "methods", None) or set()) & {"POST", "PUT", "DELETE"}
        for method in sending if not isinstance(statement, Everyone) else ():

            def content(said: str = f"{method} {template}") -> Iterator[bytes]:
                read.append(said)
                yield b"{}"

            path = re.sub(r"\{[^}]*\}", "01234567-89ab-4def-8123-456789abcdef", template)
            headers = {"content-type": "application/json"}
            assert client.request(method, path, content=content(), headers=headers).status_code == 401
            asked += 1
    assert (read, asked > 100) == ([], True)


async def _refused(_request: object, _error: Exception) -> Response:
    return Response(status_code=403)


def _taken(_said: Annotated[str, Body()]) -> None:
    pass


def test_a_statement_lets_in_nobody_whom_it_does_not_name(
    client: TestClient, place: Engine, settings: Settings
) -> None:
    api = FastAPI(exception_handlers={NotForThem: _refused})
    for path, statement in {
        "/people": CalledBy(people=True),
        "/systems": CalledBy(system="Task.r"),
        "/both": CalledBy(people=True, system="Task.r"),
        "/nobody": CalledBy(),
    }.items():
        api.get(path, dependencies=[Depends(statement)])(lambda: None)
    api.router.route_class = CallerFirst
    narrowed = [Depends(CalledBy(people=True, system="Task.r")), Depends(CalledBy(people=True))]
    api.post("/narrowed", dependencies=narrowed)(_taken)
    of_place: Any = client.app
    api.state.place = of_place._app.state.place
    with transaction(place) as connection:
        put_accounts(connection, staff(datetime.now(UTC).date()))
        register(connection, a_system(), at=datetime.now(UTC))
    issued = client.post("/oauth2/token", data=asking(signed(claims()), "system/*.rs")).json()["access_token"]
    person = issue(token_key(settings), "nurse", role=None, at=datetime.now(UTC))

    with TestClient(api) as asked:
        let_in = {
            held: [
                path
                for path in ("/people", "/systems", "/both", "/nobody")
                if asked.get(path, headers={"authorization": f"Bearer {token}"}).status_code == 200
            ]
            for held, token in {"system": issued, "person": person}.items()
        }
        narrower = [
            asked.post("/narrowed", json="", headers={"authorization": f"Bearer {token}"}).status_code
            for token in (issued, person)
        ]
    assert let_in == {"system": ["/systems", "/both"], "person": ["/people", "/both"]}
    assert narrower == [403, 200]  # what one statement was answered stands for no other
