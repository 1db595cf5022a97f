"""The trail's two keys, which live outside the database: who can change rows must not be able to make links.

In the secrets folder, `audit-chain.key` makes the links of the chains, and `audit-heads.pem` (Ed25519) signs heads.
"""

import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from app.audit.chain import ChainKey
from app.keyfile import UnusableKey, key_file, put_key_file
from app.settings import Settings

CHAIN_KEY = "audit-chain.key"
HEADS_KEY = "audit-heads.pem"


def chain_key(settings: Settings) -> ChainKey:
    """The key of the chains: a place of our own making is given one at its first use. Raises `UnusableKey`."""
    path = settings.secrets_folder / CHAIN_KEY
    try:
        return ChainKey(bytes.fromhex(_content(path, _new_chain_key, settings).decode()))
    except ValueError:
        raise UnusableKey(f"`{path}` is not 64 hexadecimal digits; restore it from a backup") from None


def heads_key(settings: Settings) -> Ed25519PrivateKey:
    """The key that signs heads, made and refused as the other is."""
    path = settings.secrets_folder / HEADS_KEY
    try:
        key = load_pem_private_key(_content(path, _new_heads_key, settings), password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKey(f"`{path}` is not an Ed25519 key in PEM; restore it from a backup")
    return key


def make_keys(folder: Path) -> list[Path]:
    """Make those of the two keys that are not there; returns the files made."""
    missing = {folder / CHAIN_KEY: _new_chain_key, folder / HEADS_KEY: _new_heads_key}
    made = [path for path in missing if not path.exists()]
    for path in made:
        put_key_file(path, missing[path]())
    return made


def _content(path: Path, new: Callable[[], bytes], settings: Settings) -> bytes:
    """INVARIANT: in a real place a key that is gone is never made anew, or its trail would seem to be nobody's."""
    if settings.database_url is not None and not settings.demonstration and not path.exists():
        raise UnusableKey(f"there is no `{path}`; restore it from a backup, or run `pisano audit keys` for a new place")
    return key_file(path, new)


def _new_chain_key() -> bytes:
    return secrets.token_hex(32).encode()


def _new_heads_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
