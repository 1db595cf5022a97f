"""Who may call a route: each route states it, by a dependency or on its function, and nobody else is let in.

    @router.get("/Task", dependencies=[Depends(CalledBy(people=True, system="Task.s"))])

A route that needs to know who calls takes the `Caller` that the dependency gives; most take an `Inquiry` of
`inquiry`. One that answers everybody alike says `dependencies=[Depends(EVERYONE)]`. A plain route of Starlette's
says so by `@states(EVERYONE)`, and asks by itself where it is not for everyone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Request

from app.asking.session_cookie import demand_ours, held_by
from app.errors import DomainError
from app.identity.requester import Requester
from app.identity.sessions.session import Cookie, Session
from app.identity.sessions.store import SEEN_EVERY
from app.identity.systems.scopes import Scopes
from app.place import Place
from app.vocabulary.token import Purpose

ANY_SCOPE: Final = "*."
"""For a route that looks at what a system's token permits by itself, once it knows what is asked for."""

KNOWN: Final = "pisano.known"
"""Where a request says who calls, once that was asked: by which `CalledBy` or `BySession`, and what it answered."""

_SIGN_IN: Final = "sign in first, or send a bearer token that this place issued"
_NOT_FOR_THEM: Final = "this is not for whom you ask as: sign in otherwise, or get a token with the scope that it needs"

EndpointT = TypeVar("EndpointT", bound=Callable[..., object])


class NotSignedIn(DomainError):
    """Nobody vouches for whoever asks: the same for a token that is missing, forged, stale or of someone unknown."""


class NoRole(DomainError):
    """Somebody signed in and has not taken a role, or has none to take: they can look at nothing."""


class NotForThem(DomainError):
    """The route is not for this kind of caller, or not under what their token permits: the same for both."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. A system has `scopes`, and the one `purpose` that it was registered for; a person has neither.

    `form_token` is what the forms of a person must bring who asks by a session, as the field `csrf`; `lasts` is for how
    long that session is sure to last unused, and `others` whether they could take another role in it.
    """

    requester: Requester
    scopes: Scopes | None = None
    purpose: Purpose | None = None
    form_token: str | None = None
    lasts: timedelta | None = None
    others: bool = False

    @property
    def is_system(self) -> bool:
        """Whether it is a partner's system."""
        return self.scopes is not None

    def may(self, resource: str, interactions: str) -> bool:
        """Whether a system's token permits this; people have no scopes, so that the agreement alone decides."""
        return self.scopes is None or self.scopes.permit(resource, interactions)

    def demand(self, resource: str, interactions: str) -> None:
        """Raise `NotForThem` where it does not."""
        if not self.may(resource, interactions):
            raise NotForThem(_NOT_FOR_THEM)


class CalledBy:
    """Gives the `Caller` of a route that is for people, for systems, or for both; raises `NotSignedIn`, `NotForThem`.

    `system` is what a system's token must permit, such as `Task.rs` or `ANY_SCOPE`; without it, no system is let in.
    """

    def __init__(self, *, people: bool = False, system: str | None = None) -> None:
        self.people, self.system = people, system

    async def __call__(self, request: Request) -> Caller:
        """Who calls, if they may."""
        known: Caller | None = _known_to(self, request)
        if known is not None:
            return known
        caller = await _caller(request, datetime.now(UTC))
        if not caller.is_system and self.people:
            return caller
        if not caller.is_system or self.system is None:
            raise NotForThem(_NOT_FOR_THEM)
        resource, _, interactions = self.system.partition(".")
        caller.demand(resource, interactions)
        return caller


@dataclass(frozen=True, slots=True)
class Browsing:
    """A browser whose session has not ended."""

    held: Cookie
    session: Session


class BySession:
    """Gives the `Browsing` of a route that is for whoever is signed in, in a role or not yet; raises `NotSignedIn`."""

    async def __call__(self, request: Request) -> Browsing:
        """Whose session it is."""
        browsing = _known_to(self, request) or await _browsing(request, datetime.now(UTC))
        if browsing is None:
            raise NotSignedIn(_SIGN_IN)
        return browsing


def _known_to(ask: CalledBy | BySession, request: Request) -> Any:
    """What the same one answered of this request before; another may ask for more."""
    by, known = request.scope.get(KNOWN, (None, None))
    return known if by is ask else None


class ByThemselves:
    """Gives the `Browsing` of a route for whoever signed in for themselves, in no role; raises `NotSignedIn`.

    They are no requester: to every other route that is not for everyone they are nobody, and here staff are.
    """

    async def __call__(self, request: Request) -> Browsing:
        """Whose session it is."""
        browsing = await _browsing(request, datetime.now(UTC), for_themselves=True)
        if browsing is None:
            raise NotSignedIn(_SIGN_IN)
        return browsing


class Everyone:
    """States that a route answers everybody alike, signed in or not."""

    async def __call__(self) -> None:
        """Lets everybody in."""


EVERYONE: Final = Everyone()

Statement = CalledBy | BySession | ByThemselves | Everyone


def states(statement: Statement) -> Callable[[EndpointT], EndpointT]:
    """Mark the function of a plain route, or a mounted application, with whom it is for."""

    def mark(endpoint: EndpointT) -> EndpointT:
        endpoint.called_by = statement  # type: ignore[attr-defined]  # read by the test of all routes
        return endpoint

    return mark


def place(request: Request) -> Place:
    """The place that this service is of."""
    opened: Place = request.app.state.place
    return opened


ThisPlace = Annotated[Place, Depends(place)]


async def still_calls(request: Request, caller: Caller, at: datetime) -> bool:
    """Whether a person who is being answered for long could still ask, in the same role; this is no use of a session.

    For whoever asks by a token the token is read anew.
    """
    held = held_by(request)
    if caller.form_token is None:
        authorization, tokens = request.headers.get("authorization", ""), place(request).tokens
        return tokens is not None and await tokens.requester(authorization, at=at) == caller.requester
    session = await place(request).sessions.find(held, at=at, is_use=False) if held else None
    return session is not None and session.asking() == caller.requester


async def _caller(request: Request, at: datetime) -> Caller:
    offered = next((value for name, value in request.scope["headers"] if name == b"authorization"), b"")
    authorization, opened = offered.decode("latin-1"), place(request)
    if not authorization:
        return await _by_session(request, at)
    system = await opened.system_tokens.asking(authorization, at=at)
    if system is not None:
        return Caller(system.requester, system.scopes, system.purpose)
    person = await opened.tokens.requester(authorization, at=at) if opened.tokens else None
    if person is None:
        raise NotSignedIn(_SIGN_IN)
    return Caller(person)


async def _by_session(request: Request, at: datetime) -> Caller:
    browsing = await _browsing(request, at)
    if browsing is None:
        raise NotSignedIn(_SIGN_IN)
    requester = browsing.session.asking()
    if requester is None:
        raise NoRole("choose a role first, at /sign-in/role; whoever has none can look at nothing")
    limits = place(request).sessions.limits
    lasts = min(limits.idle - SEEN_EVERY, browsing.session.ends - at)
    others = len(browsing.session.signed_in.positions) > 1
    return Caller(requester, form_token=browsing.held.form_token, lasts=max(lasts, timedelta()), others=others)


async def _browsing(request: Request, at: datetime, *, for_themselves: bool = False) -> Browsing | None:
    held = held_by(request)
    session = await place(request).sessions.find(held, at=at) if held else None
    if held is None or session is None or session.signed_in.for_themselves is not for_themselves:
        return None
    await demand_ours(request, held)
    return Browsing(held, session)
