"""Who manages the quality of what partners send: whoever an agreement lets decide whose a message is."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends

from app.asking.callers import NotForThem
from app.asking.inquiry import handling
from app.governance.handling import Handling
from app.intake.worklist.comparing import RECORD_QUALITY, senders
from app.vocabulary.ods_code import OdsCode
from app.web.frame.viewing import Looking, Viewing


async def managing(looking: Looking) -> Viewing:
    """The viewer, for the quality of records; raises `NotForThem`."""
    if not looking.manages:
        raise NotForThem("this is for data managers: choose that role, or ask who holds it")
    return looking.looking_for(RECORD_QUALITY)


def handling_now(looking: Viewing) -> Handling:
    """The viewer as they act just now, after whatever they did before."""
    return replace(handling(looking.asked, looking.place), at=datetime.now(UTC))


def theirs(looking: Viewing) -> frozenset[OdsCode]:
    """The parties of whose messages the viewer may say whose they are."""
    return senders(looking.asked.requester, looking.agreements, looking.asked.at)


Managing = Annotated[Viewing, Depends(managing)]
