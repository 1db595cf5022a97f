"""How deprived the area is in which somebody lives, as far as their postcodes tell it."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Engine

from app.database.transactions import transaction
from app.deprivation.read import halves
from app.deprivation.store import editions, in_district


class Deciles:
    """Looks postcodes up in the edition that counts, a district at a time, each district once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._districts: dict[str, Mapping[str, int]] = {}

    def of(self, postcodes: Iterable[str]) -> int | None:
        """The decile of the English index, 1 the most deprived; `None` where none is known, or more than one is."""
        found = {self._decile(*parted) for postcode in postcodes if (parted := halves(postcode))}
        return found.pop() if len(found) == 1 else None

    def edition(self) -> str | None:
        """By which indices and which directory; `None` where nobody has loaded any."""
        with transaction(self._engine) as connection:
            newest = next(iter(editions(connection)), None)
        return f"{newest.indices}, postcodes by {newest.directory}" if newest else None

    def _decile(self, district: str, inward: str) -> int | None:
        if district not in self._districts:
            with transaction(self._engine) as connection:
                self._districts[district] = in_district(connection, district)
        return self._districts[district].get(inward)
