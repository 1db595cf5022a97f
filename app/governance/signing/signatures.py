"""Detached signatures of parties: over which bytes, with which keys, and whether they are theirs. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from app.errors import DomainError
from app.sharing.decision import AgreementVersion
from app.vocabulary.ods_code import OdsCode

_SHORTEST_RSA: Final = 3072  # bits: NIST SP 800-57 part 1, 128 bits of security
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_RSA_SCHEMES: Final = (padding.PKCS1v15(), padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO))
_LONGEST_PEM: Final = 10_000

PublicKey = ed25519.Ed25519PublicKey | rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class Act(StrEnum):
    """What a party signs."""

    APPROVE = "approve"
    SUSPEND = "suspend"


class UnusableKey(DomainError):
    """A file holds no public key that signatures here can be checked with."""


@dataclass(frozen=True, slots=True)
class PartyKey:
    """A key that a party registered; `fingerprint` is SHA-256 of its SubjectPublicKeyInfo, in hexadecimal."""

    party: OdsCode
    fingerprint: str
    pem: str


def payload(act: Act, version: AgreementVersion, party: OdsCode, *, suspended: int = 0) -> bytes:
    """The exact bytes that a party signs: ASCII, each line ended by a line feed.

    A suspension states how often the version was `suspended` before, so that whoever keeps one cannot use it again once
    the version was resumed; an approval needs no such thing, as nothing that was approved is ever to be signed anew.
    """
    lines = ["pisano-agreement-1", act, version.id, version.version, version.sha256, party]
    if act is Act.SUSPEND:
        lines.append(f"suspended {suspended} times before")
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def read_key(party: OdsCode, pem: bytes) -> PartyKey:
    """Read a PEM public key: Ed25519, RSA of 3072 bits or more, or ECDSA on P-256, P-384 or P-521.

    Raises `UnusableKey`, for a private key too: nobody should give one away.
    """
    key = _loaded(pem)
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(spki)
    text = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return PartyKey(party, digest.finalize().hex(), text.decode("ascii"))


def _loaded(pem: bytes) -> PublicKey:
    if b"PRIVATE KEY" in pem:
        raise UnusableKey("this is a private key: keep it to yourself, and give the public one")
    try:
        key = serialization.load_pem_public_key(pem[:_LONGEST_PEM])
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey("this is no public key in PEM; write one with `openssl pkey -pubout`") from None
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SHORTEST_RSA:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return key
    raise UnusableKey("use an Ed25519 key, an RSA key of at least 3072 bits, or an ECDSA key on P-256, P-384 or P-521")


def is_signed_by(key: PartyKey, signed: bytes, signature: bytes) -> bool:
    """Whether a detached signature over these bytes is of this key.

    Ed25519; RSA with SHA-256, PKCS #1 v1.5 or PSS; ECDSA with SHA-256, in DER, as `openssl` writes them.
    """
    public = _loaded(key.pem.encode("ascii"))
    if isinstance(public, ed25519.Ed25519PublicKey):
        return _holds(partial(public.verify, signature, signed))
    if isinstance(public, ec.EllipticCurvePublicKey):
        return _holds(partial(public.verify, signature, signed, ec.ECDSA(hashes.SHA256())))
    return any(_holds(partial(public.verify, signature, signed, scheme, hashes.SHA256())) for scheme in _RSA_SCHEMES)


def _holds(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except InvalidSignature:
        return False
    return True
