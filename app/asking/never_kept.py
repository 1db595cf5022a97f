"""What stands with every answer that is not everybody's: no cache keeps it, no browser takes it for something else."""

from typing import Final

NEVER_KEPT: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def headers_of(media_type: str) -> tuple[tuple[bytes, bytes], ...]:
    """The same with what it is, as ASGI takes it: Starlette would look for each header in each answer."""
    told = NEVER_KEPT | {"content-type": media_type}
    return tuple((name.encode(), value.encode()) for name, value in told.items())
