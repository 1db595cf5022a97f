"""Organisations, by the code that the Organisation Data Service gave them."""

import re

_SHAPE = re.compile(r"[A-Z0-9]{2,10}")


class OdsCode(str):
    """An ODS code in capitals, such as `RL4`; raises `ValueError` for anything of another shape."""

    __slots__ = ()

    def __new__(cls, text: str) -> "OdsCode":  # noqa: D102
        code = text.strip().upper()
        if not _SHAPE.fullmatch(code):
            raise ValueError("an ODS code is two to ten capital letters and digits")
        return super().__new__(cls, code)
