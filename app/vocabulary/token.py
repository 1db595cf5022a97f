"""Short codes that the agreements define, so that a new one needs no code."""

import re

_SHAPE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class IllFormed(ValueError):
    """A text is no code of an agreement."""


class _Token(str):
    __slots__ = ()

    def __new__(cls, text: str):  # type: ignore[no-untyped-def]  # the subclass itself
        if not _SHAPE.fullmatch(text):
            raise IllFormed(f"a {cls.__name__.lower()} is lower-case words joined by hyphens, such as `direct-care`")
        return super().__new__(cls, text)


class Role(_Token):
    """The one role in which someone asks, such as `community-nurse`."""

    __slots__ = ()


class Purpose(_Token):
    """What someone asks for, such as `direct-care`."""

    __slots__ = ()


class Action(_Token):
    """What someone does, such as `read`."""

    __slots__ = ()


FIND = Action("find")  # search for a person
READ = Action("read")
EXPORT = Action("export")
