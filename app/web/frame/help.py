"""Pages that tell of nobody: help, and the words of other professions."""

from fastapi import APIRouter, Response

from app.vocabulary.glossary import terms
from app.web.frame.layout import page
from app.web.frame.viewing import Looking
from app.web.frame.words.plain_words import topics

router = APIRouter(include_in_schema=False)


@router.get("/help")
async def help_page(looking: Looking) -> Response:
    """What each page is for, and what to do when it does not help."""
    return page("help.html", looking.context() | {"topics": topics().values()})


@router.get("/glossary")
async def glossary(looking: Looking) -> Response:
    """Every word, in alphabetical order."""
    return page("glossary.html", looking.context() | {"terms": terms()})
