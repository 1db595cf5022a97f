"""Pages of a person's objections: recorded by whoever they tell, decided by whom the agreement names."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import Record, handling
from app.governance.exceptions import objecting
from app.governance.exceptions.objecting import NotForThisObjection, State, Step
from app.governance.handling import Handling, in_force
from app.mdt.steps import objected as team
from app.record.read.access import SharedRecord
from app.sharing.facts import ObjectionScope
from app.vocabulary.category import CATEGORIES, HEADINGS
from app.vocabulary.plain_time import plain_date
from app.web.api.objection import Objecting, Whom, objected
from app.web.frame.filled_in.typed import ShortText, TypedForm
from app.web.frame.handled import written
from app.web.frame.layout import MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.wording import sentence
from app.web.people.pages import seen_page
from app.web.people.users import providers, user_named

router = APIRouter(include_in_schema=False)

_FIRST_YEAR: Final = 2000
_SCOPES: Final = {
    ObjectionScope.ALL: "Sharing anything at all",
    ObjectionScope.CATEGORY: "Sharing what stands under one heading",
    ObjectionScope.SOURCE: "Sharing what one organisation recorded",
    ObjectionScope.RECIPIENT: "One organisation seeing anything",
    ObjectionScope.USER: "One named member of staff seeing anything",
    ObjectionScope.MEETING: "Being discussed at a team's meetings, or at one of them",
}
_STEPS: Final = {Step.UPHOLD: "Uphold", Step.DECLINE: "Decline", Step.LIFT: "Lift, as the person says"}
_NAMED: Final = {
    ObjectionScope.CATEGORY: ("category", "Select the heading"),
    ObjectionScope.SOURCE: ("source", "Select the organisation that recorded it"),
    ObjectionScope.RECIPIENT: ("recipient", "Select the organisation that is to see nothing"),
    ObjectionScope.USER: ("user", "Enter the member of staff"),
    ObjectionScope.MEETING: ("locality", "Select the team"),
}


class Typed(TypedForm):
    """The form, as it was typed."""

    scope: ShortText = ""
    category: ShortText = ""
    source: ShortText = ""
    recipient: ShortText = ""
    user: ShortText = ""
    provider: ShortText = ""
    locality: ShortText = ""
    day: ShortText = ""
    month: ShortText = ""
    year: ShortText = ""

    @property
    def on(self) -> date | None:
        """The day of the meeting, where one is meant; raises `ValueError` for boxes that make no day."""
        boxes = (self.year, self.month, self.day)
        return date(*map(int, boxes)) if any(boxes) else None


@router.get("/people/{person_id}/objections")
async def objections(person_id: UUID, looking: Looking, record: Record) -> Response:
    """What the person objects to, and where each objection stands."""
    return await _objections(person_id, looking, record)


@router.post("/people/{person_id}/objections")
async def lodge(person_id: UUID, looking: Looking, record: Record, typed: Annotated[Typed, Form()]) -> Response:
    """Record an objection; what is wrong with the form is told at its field."""
    if wrong := await _wrong(looking, typed):
        return await _objections(person_id, looking, record, typed=typed, wrong=wrong)
    desk = looking.place.desk
    said = objected(await _said(looking, typed), desk.localities, at=looking.asked.at)
    by = handling(looking.asked, looking.place)
    number = await written(looking.place, lambda connection: team.lodge(connection, desk.teams, person_id, said, by))
    return nothing(looking) if number is None else _to(person_id, looking)


@router.post("/people/{person_id}/objections/{number}/{step}")
async def decide(person_id: UUID, number: int, step: Step, looking: Looking, record: Record) -> Response:
    """Uphold, decline or lift one."""
    by, teams = handling(looking.asked, looking.place), looking.place.desk.teams
    try:
        state = await written(
            looking.place, lambda connection: team.step(connection, teams, person_id, number, step, by)
        )
    except NotForThisObjection as error:
        return await _objections(person_id, looking, record, wrong={"": sentence(str(error))})
    return nothing(looking) if state is None else _to(person_id, looking)


def _to(person_id: UUID, looking: Viewing) -> Response:
    return RedirectResponse(f"/people/{person_id}/objections?purpose={looking.asked.purpose}", SEE_OTHER)


async def _objections(
    person_id: UUID,
    looking: Viewing,
    record: SharedRecord,
    *,
    typed: Typed | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    by = handling(looking.asked, looking.place)
    found = await written(looking.place, lambda connection: objecting.objections(connection, person_id, by))
    if found is None:
        return nothing(looking)
    seen = await seen_page(person_id, looking, record)
    rows = [
        {"number": lodged.id, "what": _what(lodged, looking), "state": state, "since": lodged.started}
        | {"until": lodged.ended, "steps": _possible(state, by)}
        for lodged, state in found
    ]
    context = {
        "page": seen,
        "person_id": person_id,
        "rows": rows,
        "typed": typed or Typed(),
        "errors": wrong or {},
        "scopes": _SCOPES,
        "providers": providers(looking),
        "categories": [(str(category), category.heading) for category in CATEGORIES],
        "partners": sorted(looking.names.partners.items(), key=lambda one: one[1]),
        "localities": [(one.locality, one.title) for one in looking.place.desk.localities.by_id.values()],
        "deciding": sorted({looking.names.role(role) for each in in_force(by) for role in each.objections.decided_by}),
        "holds": all(each.objections.until_decided == "holds" for each in in_force(by)),
    }
    return page("people/objections.html", looking.context() | context, status=MISTAKEN if wrong else 200)


def _what(lodged: Any, looking: Viewing) -> str:
    text = _SCOPES[ObjectionScope(lodged.scope)]
    if lodged.meeting:
        return _which_meetings(lodged.meeting, looking)
    if lodged.category:
        return f"{text}: {HEADINGS[lodged.category].text}"
    return f"{text}: {looking.names.partner(lodged.organisation)}" if lodged.organisation else text


def _which_meetings(meeting: str, looking: Viewing) -> str:
    name, _, on = meeting.partition("/")
    known = looking.place.desk.localities.by_id.get(name)
    title = known.title if known else name
    when = f"at the meeting of {plain_date(date.fromisoformat(on))}" if on else "at any meeting"
    return f"Being discussed by {title}, {when}"


def _possible(state: State, by: Handling) -> list[tuple[Step, str]]:
    possible = objecting.possible(state, by)
    return [(step, text) for step, text in _STEPS.items() if step in possible]


async def _wrong(looking: Viewing, typed: Typed) -> dict[str, str]:
    """What the form lacks; a member of staff is looked up, as an objection to a name misspelt would protect nobody."""
    if typed.scope not in _SCOPES:
        return {"scope": "Select what the person objects to"}
    field, text = _NAMED.get(ObjectionScope(typed.scope), ("scope", ""))
    named = getattr(typed, field)
    known = {
        "category": HEADINGS,
        "source": looking.names.partners,
        "recipient": looking.names.partners,
        "locality": looking.place.desk.localities.by_id,
    }
    if field == "locality" and named in known[field] and not _makes_a_day(typed):
        return {"day": "Enter the day of the meeting, such as 3 12 2026, or leave it empty for all meetings"}
    if field == "user":
        found = await user_named(looking, named, typed.provider)
        return {} if found else {"user": text if not named else "Nobody signs in with that; check it"}
    return {} if field == "scope" or named in known[field] else {field: text}


def _makes_a_day(typed: Typed) -> bool:
    try:
        return typed.on is None or typed.on.year >= _FIRST_YEAR
    except ValueError:
        return False


async def _said(looking: Viewing, typed: Typed) -> Objecting:
    scope = ObjectionScope(typed.scope)
    named = await user_named(looking, typed.user, typed.provider) if scope is ObjectionScope.USER else None
    organisations = {ObjectionScope.SOURCE: typed.source, ObjectionScope.RECIPIENT: typed.recipient}
    return Objecting(
        scope=scope,
        category=typed.category if scope is ObjectionScope.CATEGORY else None,
        organisation=organisations.get(scope),
        user=Whom(issuer=named.account.issuer, subject=named.account.subject) if named else None,
        locality=typed.locality if scope is ObjectionScope.MEETING else None,
        on=typed.on if scope is ObjectionScope.MEETING else None,
    )
