"""The key that makes the secrets of subscriptions; it lives outside the database."""

import secrets
from typing import Final

from app.keyfile import key_file
from app.settings import Settings
from app.subscriptions.subscription import SigningKey

_KEY: Final = "subscriptions.key"


def signing_key(settings: Settings) -> SigningKey:
    """Made at its first use; where it is lost, subscribers subscribe anew."""
    return SigningKey(key_file(settings.secrets_folder / _KEY, lambda: secrets.token_bytes(32)))
