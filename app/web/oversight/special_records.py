"""Special records: the flags that whoever the agreements name raises and lifts, and who is flagged."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from app.asking.callers import ThisPlace
from app.asking.inquiry import handling
from app.errors import DomainError
from app.governance.exceptions.flagging import Flagging, State, Step, Who, flag, flagged, flagging_of, life
from app.governance.exceptions.store import FlagStep
from app.governance.handling import named_by
from app.place import Place
from app.web.frame.filled_in.typed import LongText, ShortText, TypedForm, typed_number
from app.web.frame.handled import written
from app.web.frame.layout import MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.wording import begun_large

router = APIRouter(prefix="/oversight/special-records", include_in_schema=False)

_FLAGS: Final = {
    "sealed": ("The whole record is sealed", "Nobody sees any of it, not even in an emergency"),
    "staff-or-vip": (
        "A member of staff, or widely known",
        "Whoever opens it must say why, and the privacy officer is told",
    ),
}
_STATES: Final = {State.RAISED: "raised", State.LIFT_ASKED: "to be lifted, once a second person agrees"}
_STEPS: Final = {Step.LIFT: "Lift it", Step.KEEP: "Keep it"}


class Typed(TypedForm):
    """The form, as it was typed."""

    nhs_number: ShortText = ""
    flag: ShortText = ""
    why: LongText = ""


@router.get("")
async def special_records(looking: Looking, opened: ThisPlace) -> Response:
    """Who is flagged, and the form that flags somebody."""
    return await _page(looking.overseeing, opened)


@router.post("")
async def raised(looking: Looking, opened: ThisPlace, typed: Annotated[Typed, Form()]) -> Response:
    """Raise a flag; what is wrong with the form is told at its field."""
    looking = looking.overseeing
    number = typed_number(typed.nhs_number)
    if isinstance(number, str) or typed.flag not in _FLAGS:
        wrong = {"nhs_number": number} if isinstance(number, str) else {}
        wrong |= {} if typed.flag in _FLAGS else {"flag": "Select what the record is"}
        return await _page(looking, opened, typed=typed, wrong=wrong)
    return await _taken(looking, opened, typed, Step.RAISE, lambda connection: named_by(connection, number))


@router.post("/{person_id}/{kind}/{step}")
async def stepped(
    person_id: UUID, kind: str, step: Step, looking: Looking, opened: ThisPlace, why: Annotated[LongText, Form()] = ""
) -> Response:
    """Lift a flag of somebody listed, or keep it."""
    typed = Typed(flag=kind, why=why)
    return await _taken(looking.overseeing, opened, typed, step, lambda _: person_id, listed=person_id)


async def _taken(
    looking: Viewing, opened: Place, typed: Typed, step: Step, whom: Any, *, listed: UUID | None = None
) -> Response:
    """Take the step with a flag, or tell what is wrong beside what was typed: of somebody `listed`, or in the form."""
    by = handling(looking.asked, opened)

    def write(connection: Connection) -> State | None:
        flagging = flagging_of(connection, by)
        return flag(connection, whom(connection), typed.flag, step, typed.why, flagging) if flagging else None

    try:
        state = await written(opened, write)
    except DomainError as error:
        return await _page(looking, opened, typed=typed, listed=listed, wrong={"why": begun_large(str(error))})
    return RedirectResponse("/oversight/special-records", SEE_OTHER) if state else nothing(looking)


async def _page(
    looking: Viewing,
    opened: Place,
    *,
    typed: Typed | None = None,
    listed: UUID | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    by = handling(looking.asked, opened)

    def read(connection: Connection) -> tuple[Flagging, list[tuple[UUID, FlagStep]]] | None:
        flagging = flagging_of(connection, by)
        return (flagging, flagged(connection, flagging)) if flagging else None

    found = await written(opened, read)
    if found is None:
        return nothing(looking)
    flagging, people = found
    context = {
        "rows": [_row(person, step, flagging) | {"number": n} for n, (person, step) in enumerate(people, 1)],
        "flags": [(kind, *_FLAGS[kind]) for kind in sorted(flagging.terms)],
        "two": [_FLAGS[kind][0] for kind, terms in sorted(flagging.terms.items()) if terms.lifted_by_two],
        "typed": typed if typed and listed is None else Typed(),
        "refused": (listed, typed.flag, typed.why) if typed and listed else None,
        "errors": wrong or {},
    }
    return page("oversight/special_records.html", looking.context() | context, status=MISTAKEN if wrong else 200)


def _row(person: UUID, step: FlagStep, flagging: Flagging) -> dict[str, Any]:
    state = State(step.state)
    possible = life(by_two=flagging.terms[step.kind].lifted_by_two).possible(state, set(Who))
    return {
        "person": person,
        "flag": step.kind,
        "what": _FLAGS[step.kind][0],
        "state": _STATES[state],
        "since": step.at,
        "by": step.by.subject,
        "why": step.why,
        "steps": [(each, text) for each, text in _STEPS.items() if each in possible],
    }
