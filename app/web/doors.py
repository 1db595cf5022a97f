"""Pages about what is otherwise than usual: openings, stated relationships, objections, doubts, and data quality."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from app.web import (
    colleague_pages,
    doubt_pages,
    kept_pages,
    objection_pages,
    opening_pages,
    quality_pages,
    relating_pages,
    worklist_pages,
)

PAGES: Final[Sequence[APIRouter]] = tuple(
    pages.router
    for pages in (
        colleague_pages,
        doubt_pages,
        kept_pages,
        objection_pages,
        opening_pages,
        quality_pages,
        relating_pages,
        worklist_pages,
    )
)
