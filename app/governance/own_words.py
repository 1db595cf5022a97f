"""What staff say in words of their own: enough to mean something, and never told to the trail. Pure."""

from typing import Final

from app.errors import DomainError

_SHORTEST: Final = 10  # characters


def own_words(said: str, otherwise: type[DomainError], *, asked: str) -> str:
    """What was said, without the space around it; too little of it raises `otherwise`, with what is asked."""
    words = said.strip()
    if len(words) < _SHORTEST:
        raise otherwise(f"say in {_SHORTEST} characters or more {asked}")
    return words
