"""The keys: made where that is safe, never where it would pass a lost key over in silence."""

from hashlib import blake2b
from hmac import digest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.audit.chain import ChainKey
from app.audit.keys import CHAIN_KEY, HEADS_KEY, chain_key, heads_key, make_keys
from app.keyfile import UnusableKey
from app.settings import Settings


def embedded(folder: Path) -> Settings:
    return Settings.model_construct(var=folder, database_url=None, demonstration=False, secrets=None)


def real(folder: Path) -> Settings:
    address = SecretStr("postgresql://db.example/pisano")
    return Settings.model_construct(var=folder, database_url=address, demonstration=False, secrets=None)


def test_a_place_of_our_own_making_is_given_its_keys_once(tmp_path: Path) -> None:
    place = embedded(tmp_path)
    assert chain_key(place) == chain_key(place)
    assert heads_key(place).private_bytes_raw() == heads_key(place).private_bytes_raw()
    for name in (CHAIN_KEY, HEADS_KEY):
        assert (tmp_path / "secrets" / name).stat().st_mode & 0o777 == 0o600


def test_a_demonstration_on_a_server_is_given_its_keys_too(tmp_path: Path) -> None:
    place = real(tmp_path).model_copy(update={"demonstration": True})
    assert chain_key(place) == chain_key(place)


def test_a_real_place_is_never_given_another_key_for_one_that_is_lost(tmp_path: Path) -> None:
    place = real(tmp_path)
    for key in (chain_key, heads_key):
        with pytest.raises(UnusableKey, match=r"restore it from a backup, or run `pisano audit keys`"):
            key(place)
    made = make_keys(place.secrets_folder)
    assert [path.name for path in made] == [CHAIN_KEY, HEADS_KEY]
    assert chain_key(place).name
    assert heads_key(place)
    assert make_keys(place.secrets_folder) == []


@pytest.mark.parametrize("content", [b"", b"not hexadecimal", b"abcd", b"\xff" * 64])
def test_a_chain_key_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, CHAIN_KEY, content)
    with pytest.raises(UnusableKey, match="not 64 hexadecimal digits"):
        chain_key(embedded(tmp_path))


EC_KEY = b"""-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg
-----END PRIVATE KEY-----
"""


@pytest.mark.parametrize("content", [b"", b"no key", EC_KEY])
def test_a_signing_key_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, HEADS_KEY, content)
    with pytest.raises(UnusableKey, match="not an Ed25519 key"):
        heads_key(embedded(tmp_path))


def test_a_key_of_another_kind_does_not_sign_heads(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write(tmp_path, HEADS_KEY, other)
    with pytest.raises(UnusableKey, match="not an Ed25519 key"):
        heads_key(embedded(tmp_path))


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    write(tmp_path, CHAIN_KEY, b"00" * 32).chmod(0o640)
    with pytest.raises(UnusableKey, match="chmod 600"):
        chain_key(embedded(tmp_path))


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / "secrets" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600)
    return path


LINKED = st.tuples(*[st.binary(min_size=32, max_size=32)] * 3, st.integers(1, 2**63 - 1))


@given(LINKED)
def test_a_link_is_keyed_blake2b_and_that_of_an_earlier_version_the_hmac_of_rfc_2104(
    linked: tuple[bytes, bytes, bytes, int],
) -> None:
    secret, previous, leaf, sequence = linked
    key, bound = ChainKey(secret), previous + leaf + sequence.to_bytes(8)
    assert key.link(previous, leaf, sequence) == blake2b(bound, key=secret, digest_size=32).digest()
    assert key.linked(previous, leaf, sequence, key.link(previous, leaf, sequence))
    assert key.linked(previous, leaf, sequence, digest(secret, bound, "sha256"))
    assert not key.linked(previous, leaf, sequence, blake2b(bound, digest_size=32).digest())
