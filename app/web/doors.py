"""Pages about what is otherwise than usual: openings, stated relationships, objections, doubts, and data quality."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from app.web import opening_pages, relating_pages

PAGES: Final[Sequence[APIRouter]] = (opening_pages.router, relating_pages.router)
