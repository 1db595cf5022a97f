"""Where someone goes once they are signed in: to a page of this place, wherever they were sent from."""

import re
from typing import Final
from urllib.parse import urlencode

_OURS: Final = re.compile(r"/(?![/\\])[!-\[\]-~]{0,500}")  # a path: no other host, no backslash, no control character
HOME: Final = "/home"
OWN: Final = "/own/who-looked"
"""All that there is for whoever signs in for themselves."""


def onward(then: str) -> str:
    """A path of ours as it was asked for, or the first page for anything else."""
    return then if _OURS.fullmatch(then) else HOME


def with_then(path: str, then: str) -> str:
    """An address that remembers where to go afterwards."""
    return path if onward(then) == HOME else f"{path}?{urlencode({'then': onward(then)})}"
