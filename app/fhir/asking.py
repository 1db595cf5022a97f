"""What every route of this door is told: who asks, what for, and what of."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Header, Query, Request, Response

from app.asking.callers import ANY_SCOPE
from app.asking.inquiry import AskedBy, inquiry_of
from app.fhir.answers import answer, negotiated
from app.fhir.read.bundle import Link, Page, address, bundle
from app.fhir.read.cursor import Cursors, Place, StaleCursor
from app.fhir.read.search import Parameters
from app.identity.systems.system import ISSUER
from app.record.inquiry import Inquiry
from app.record.read.everything import Everything
from app.vocabulary.token import EXPORT, READ, Action

PREFIX: Final = "/fhir/R4"
_NOT_TOLD: Final = frozenset({"purpose", "_cursor", "_format", "_pretty"})


class FhirAskedBy(AskedBy):
    """Gives the `Inquiry` of a route of this door: for people, and for systems whose token permits `interactions`.

    They are asked of `resource`, or of the type that the path names. Raises what `AskedBy` does, and refuses whoever
    takes no JSON.
    """

    def __init__(self, interactions: str, resource: str | None = None) -> None:
        super().__init__(people=True, system=f"{resource}.{interactions}" if resource else ANY_SCOPE)
        self._interactions = interactions

    async def __call__(
        self,
        request: Request,
        purpose: Annotated[str, Query(description="What for, as the agreement calls it, such as direct-care.")] = "",
        purpose_of_use: Annotated[str, Header(description="The same, for who cannot add a parameter.")] = "",
    ) -> Inquiry:
        """Who asks and what for, by parameter or by the header `Purpose-Of-Use`."""
        negotiated(request)
        caller = await self.callers(request)
        if (kind := request.path_params.get("kind")) is not None:
            caller.demand(kind, self._interactions)
        return inquiry_of(caller, purpose or purpose_of_use)


def to_keep(inquiry: Inquiry) -> Action:
    """What must be permitted where all of a record leaves at once, or what it was before.

    A system reads for its organisation, which answers for what it keeps; a person takes a copy.
    """
    return READ if inquiry.requester.issuer == ISSUER else EXPORT


def base_of(request: Request) -> str:
    """The address of this door as its client sees it."""
    scope = request.scope
    named = next((value for name, value in scope["headers"] if name == b"host"), None)
    server = scope.get("server")
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    return _base(scope["scheme"], named, None if server is None else tuple(server), root)


@lru_cache(maxsize=64)
def _base(scheme: str, named: bytes | None, server: tuple[Any, ...] | None, root: str) -> str:
    headers = [] if named is None else [(b"host", named)]
    request = Request({"type": "http", "scheme": scheme, "headers": headers, "server": server, "root_path": root})
    return str(request.base_url).rstrip("/") + PREFIX


class Paging:
    """One request for a page: what was asked at first, and after which entry this page begins.

    A `_cursor` leads on from a page that was answered; raises `StaleCursor` for one that leads nowhere.
    """

    def __init__(self, request: Request, inquiry: Inquiry, path: str, asked: Parameters) -> None:
        self._request, self._inquiry, self._path = request, inquiry, path
        self._agreements = ""
        cursor = next((value for name, value in asked if name == "_cursor"), None)
        self._place = Place(path, tuple(asked), (), "") if cursor is None else self._opened(cursor)
        self.asked, self.after = self._place.asked, self._place.after

    def taking(self, take: Callable[[Everything], Page | None]) -> Callable[[Everything], Page | None]:
        """`take`, unless other agreements decide than when the search began."""

        def taken(found: Everything) -> Page | None:
            self._agreements = " ".join(map(str, found.decision.agreements))
            if self._place.agreements not in ("", self._agreements):
                raise StaleCursor("the agreements changed since this search began; search again from its beginning")
            return take(found)

        return taken

    def answer(self, page: Page, told: Parameters = (), *, kind: str = "searchset") -> Response:
        """A Bundle with its links; `told` is what of the search they may repeat."""
        base = base_of(self._request)
        links = [Link("self", address(base, self._path, [one for one in told if one[0] not in _NOT_TOLD]))]
        if page.after is not None:
            after = self._place._replace(after=page.after, agreements=self._agreements)
            sealed = _cursors(self._request).seal(after, self._inquiry.requester, self._inquiry.purpose)
            purpose = [("purpose", str(self._inquiry.purpose))] if "purpose" in self._request.query_params else []
            links.append(Link("next", address(base, self._path, [("_cursor", sealed), *purpose])))
        return answer(bundle(kind, page, links))

    def _opened(self, cursor: str) -> Place:
        place = _cursors(self._request).open(cursor, self._inquiry.requester, self._inquiry.purpose)
        if place.path != self._path:
            raise StaleCursor("this page is of another search; follow the link as it was given")
        return place


def person_of(text: str) -> UUID | None:
    """The person whose id that is; `None` for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _cursors(request: Request) -> Cursors:
    held: Cursors = request.app.state.cursors
    return held
