"""Where the next page begins: sealed, so that an address tells nothing and nobody else can use or change it."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import DomainError
from app.identity.requester import Requester
from app.keyfile import key_file
from app.settings import Settings
from app.vocabulary.token import Purpose

_KEY: Final = "fhir-cursors.key"
_NONCE: Final = 12


class StaleCursor(DomainError):
    """A cursor that is not this requester's, was changed, or is of an agreement that was replaced."""


class Place(NamedTuple):
    """What was asked for, and the position of the last entry that was answered, in the order of the search."""

    path: str
    asked: tuple[tuple[str, str], ...]
    after: tuple[str, ...]
    agreements: str


class Cursors:
    """Seals and opens cursors; `nonce` makes twelve bytes that never come twice."""

    def __init__(self, key: bytes, *, nonce: Callable[[], bytes] = lambda: os.urandom(_NONCE)) -> None:
        self._cipher, self._nonce = AESGCM(key), nonce

    def seal(self, place: Place, requester: Requester, purpose: Purpose) -> str:
        """A cursor that only this requester, in this role and for this purpose, can go on from."""
        plain = orjson.dumps([place.path, place.asked, place.after, place.agreements])
        nonce = self._nonce()
        return urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, plain, _bound(requester, purpose))).decode()

    def open(self, cursor: str, requester: Requester, purpose: Purpose) -> Place:
        """What was sealed; raises `StaleCursor`."""
        try:
            sealed = urlsafe_b64decode(cursor)
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(requester, purpose))
        except (ValueError, InvalidTag):
            raise StaleCursor("this page is no longer to be had; search again from its beginning") from None
        path, asked, after, agreements = orjson.loads(plain)
        return Place(path, _pairs(asked), tuple(after), agreements)


def cursors(settings: Settings) -> Cursors:
    """Those of a place; the key is made at its first use, as losing it costs no more than a search asked anew."""
    return Cursors(key_file(settings.secrets_folder / _KEY, lambda: AESGCM.generate_key(256)))


def _bound(requester: Requester, purpose: Purpose) -> bytes:
    return orjson.dumps([requester.issuer, requester.subject, requester.organisation, requester.role, purpose])


def _pairs(asked: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in asked)
