"""Routes that ask who calls before they read what is sent, which FastAPI by itself reads first."""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.asking.callers import KNOWN, BySession, CalledBy
from app.asking.inquiry import AskedBy


class CallerFirst(APIRoute):
    """A route whose body is read for whom it is for, and for nobody else: `APIRouter(route_class=CallerFirst)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers it."""
        answer = super().get_route_handler()
        if self.body_field is None:
            return answer
        ask = next(_whom_it_is_for(self.dependant))

        async def answer_whom_it_is_for(request: Request) -> Response:
            request.scope[KNOWN] = ask, await ask(request)
            return await answer(request)

        return answer_whom_it_is_for


def _whom_it_is_for(dependant: Dependant) -> Iterator[CalledBy | BySession]:
    for each in dependant.dependencies:
        if isinstance(each.call, AskedBy):
            yield each.call.callers
        elif isinstance(each.call, CalledBy | BySession):
            yield each.call
        else:
            yield from _whom_it_is_for(each)
