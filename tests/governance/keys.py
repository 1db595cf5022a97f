"""Keys of made-up parties, made anew for each run."""

from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from app.governance.signing.signatures import PartyKey, read_key
from app.vocabulary.ods_code import OdsCode

Private = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def pem(private: Private) -> bytes:
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@dataclass(frozen=True)
class Signer:
    """A party with its private key."""

    party: OdsCode
    private: Private
    pss: bool = False

    @property
    def key(self) -> PartyKey:
        return read_key(self.party, pem(self.private))

    def sign(self, signed: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(signed)
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(signed, ec.ECDSA(hashes.SHA256()))
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if self.pss else padding.PKCS1v15()
        return self.private.sign(signed, scheme, hashes.SHA256())


@cache
def rsa_key(size: int = 3072) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, size)


def ed25519_signer(party: str) -> Signer:
    return Signer(OdsCode(party), ed25519.Ed25519PrivateKey.generate())
