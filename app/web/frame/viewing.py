"""Who looks at a page, and what for."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Depends, Request

from app.asking.callers import CalledBy, Caller, place
from app.governance.reading_reach import Reach, reach_of
from app.intake.worklist.comparing import may_match
from app.place import Place
from app.record.inquiry import Inquiry
from app.sharing.law import Agreements, Ask, Terms
from app.sharing.names import Names, names_of
from app.vocabulary.token import EXPORT, FIND, READ, Action, Purpose
from app.web.frame.viewer import Viewer, viewer
from app.web.frame.ways_in import WaysIn, ways_in
from app.web.frame.words.plain_words import topic_of

ByPeople = Annotated[Caller, Depends(CalledBy(people=True))]

FINDING, CARING = "finding", "caring"
"""No purposes: what needs them is for whoever may search for people, or takes part in their care."""

_USUAL: Final = "direct-care"
_TEAM: Final = "mdt"
_MENU: Final = (
    ("Home", "/home", ""),
    ("Find a person", "/find", FINDING),
    ("Caseload", "/caseload", _TEAM),
    ("Referrals", "/referrals", _TEAM),
    ("Meetings", "/meetings", _TEAM),
    ("Case finding", "/case-finding", "case-finding"),
    ("Actions", "/actions", CARING),
    ("Impact", "/impact", _TEAM),
    ("Data quality", "/data-quality", "record-quality"),
    ("Agreements", "/agreements", ""),
)
"""What there is to go to, each with the purpose that it needs, if any."""

_OVERSIGHT: Final = (("Oversight", "/oversight", ""),)


@dataclass(frozen=True, slots=True)
class Viewing:
    """Whoever looks at a page, with what every page tells them."""

    asked: Inquiry
    form_token: str | None
    names: Names
    agreements: Agreements
    path: str
    place: Place
    lasts: int
    others: bool = False

    @property
    def viewer(self) -> Viewer:
        """The viewer, in words."""
        return viewer(self.asked.requester, self.names)

    @property
    def ways_in(self) -> WaysIn:
        """What the agreements offer to the viewer's role where they are shown nothing."""
        return ways_in(self.asked.requester, self.asked.purpose, self.agreements, self.asked.at)

    @property
    def reach(self) -> Reach:
        """What the viewer may read of the trail."""
        return reach_of(self.asked.requester, self.agreements, self.asked.at)

    @property
    def overseeing(self) -> "Viewing":
        """The same viewer, for the purpose for which the agreements let them read the trail."""
        return self.looking_for(self.reach.purpose) if self.reach.purpose else self

    def context(self) -> dict[str, Any]:
        """What every template is given."""
        permitted = self.purposes()
        menu = [
            {"text": text, "href": href, "current": self.path.startswith(href)}
            for text, href, needs in (*_MENU, *(_OVERSIGHT if self.reach else ()))
            if not needs or self._offers(needs, permitted)
        ]
        return {
            "cares": self.cares,
            "finds": self.finds,
            "viewer": self.viewer,
            "session": self._session,
            "menu": menu,
            "purpose": str(self.asked.purpose),
            "copies": str(self.asked.purpose) in self.purposes(EXPORT),
            "shown_at": self.asked.at,
            "topic": topic_of(self.path),
        }

    @property
    def _session(self) -> dict[str, Any] | None:
        if not self.form_token:
            return None
        return {"csrf": self.form_token, "seconds": self.lasts, "others": self.others}

    @property
    def finds(self) -> bool:
        """Whether the agreements let the viewer search for people at all."""
        return any(given.reach for _, given in self._terms(FIND))

    @property
    def cares(self) -> bool:
        """Whether the viewer takes part in anybody's care, and does not only oversee it or put messages in order."""
        return not self.reach and not self.manages

    @property
    def manages(self) -> bool:
        """Whether the viewer decides whose messages are."""
        return may_match(self.asked.requester, self.agreements, self.asked.at)

    def _offers(self, needs: str, permitted: Container[str]) -> bool:
        own = {FINDING: self.finds, CARING: self.cares}
        return own[needs] if needs in own else self._is_open(needs, permitted)

    def may_look_for(self, purpose: str) -> bool:
        """Whether a page of this purpose can show the viewer anything; the team's only to somebody of a team."""
        return self._is_open(purpose, self.purposes())

    def _is_open(self, purpose: str, permitted: Container[str]) -> bool:
        return purpose in permitted and (purpose != _TEAM or bool(self.asked.requester.teams))

    def looking_for(self, purpose: str) -> "Viewing":
        """The same viewer, for what they say they look for."""
        return replace(self, asked=replace(self.asked, purpose=_purpose(purpose)))

    def purposes(self, action: Action = READ) -> dict[str, str]:
        """What the viewer's role may read, or do otherwise, of anybody for, with its title."""
        permitted = {ask.purpose for ask, given in self._terms(action) if given.reach}
        return {purpose: title for purpose, title in self.names.purposes.items() if purpose in permitted}

    def _terms(self, action: Action) -> Iterator[tuple[Ask, Terms]]:
        """What the agreements say of the viewer's role, for each purpose."""
        who, terms = self.asked.requester, self.agreements.in_force(self.asked.at).terms
        for purpose in self.agreements.purposes:
            ask = Ask(who.organisation, who.role, purpose, action)
            if ask in terms:
                yield ask, terms[ask]


async def viewing(request: Request, caller: ByPeople, purpose: str = _USUAL) -> Viewing:
    """Whoever looks; a purpose that is no word is as good as none, and opens nothing."""
    agreements, at = place(request).agreements, datetime.now(UTC)
    asked = Inquiry(id=uuid4(), requester=caller.requester, purpose=_purpose(purpose), at=at)
    lasts = int(caller.lasts.total_seconds()) if caller.lasts is not None else 0
    names, path = names_of(agreements), request.url.path
    looking = Viewing(asked, caller.form_token, names, agreements, path, place(request), lasts, caller.others)
    request.state.looking = looking  # for whoever answers where the page is refused
    return looking


def _purpose(said: str) -> Purpose:
    try:
        return Purpose(said)
    except ValueError:
        return Purpose(_USUAL)


Looking = Annotated[Viewing, Depends(viewing)]
