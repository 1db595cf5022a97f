"""Pages that tell of nobody: help, and the words of other professions."""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from fastapi import APIRouter, Response

from app.web.frame.layout import page
from app.web.frame.viewing import Looking

router = APIRouter(include_in_schema=False)


class Term(NamedTuple):
    """A word, and what it means to somebody of another profession."""

    word: str
    meaning: str


@router.get("/help")
async def help_page(looking: Looking) -> Response:
    """What each page is for, and what to do when it does not help."""
    return page("help.html", looking.context())


@router.get("/glossary")
async def glossary(looking: Looking) -> Response:
    """Every word, in alphabetical order."""
    return page("glossary.html", looking.context() | {"terms": terms()})


@cache
def terms() -> Sequence[Term]:
    """The glossary."""
    source = resources.files(__package__).joinpath("glossary.toml").read_text(encoding="utf-8")
    return sorted((Term(**one) for one in tomllib.loads(source)["term"]), key=lambda term: term.word.lower())
