"""The headings of the record under which what a team wrote about a person is read, as agreements call them. Pure."""

from typing import Final

from app.vocabulary.category import Category

DISCUSSION: Final = Category("care-plans")
ACTIONS: Final = Category("actions")
QUESTION: Final = Category("referrals")
