"""Signatures: over these bytes, by a key that the party registered, and nothing else."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from app.governance.signing.signatures import Act, UnusableKey, is_signed_by, payload, read_key
from app.sharing.compile import version_of
from app.vocabulary.ods_code import OdsCode
from tests.governance.keys import Signer, ed25519_signer, pem, rsa_key
from tests.sharing.worlds import LAW, changed

TRUST, COUNCIL = OdsCode("RL4"), OdsCode("LA508")
SIGNED = payload(Act.APPROVE, version_of(LAW), TRUST)
SIGNERS = [
    ed25519_signer("RL4"),
    Signer(TRUST, ec.generate_private_key(ec.SECP256R1())),
    Signer(TRUST, ec.generate_private_key(ec.SECP384R1())),
    Signer(TRUST, rsa_key()),
    Signer(TRUST, rsa_key(), pss=True),
]
IDS = ["Ed25519", "P-256", "P-384", "RSA", "RSA-PSS"]


def test_the_bytes_that_are_signed_name_the_act_the_version_its_hash_and_the_party() -> None:
    version = version_of(LAW)
    assert f"pisano-agreement-1\napprove\nwulfrun\n{version.version}\n{version.sha256}\nRL4\n".encode() == SIGNED


@pytest.mark.parametrize("signer", SIGNERS, ids=IDS)
def test_a_signature_holds_over_exactly_these_bytes(signer: Signer) -> None:
    signature = signer.sign(SIGNED)
    assert is_signed_by(signer.key, SIGNED, signature)
    assert not is_signed_by(signer.key, SIGNED + b"\n", signature)


@pytest.mark.parametrize("signer", SIGNERS, ids=IDS)
@pytest.mark.parametrize(
    "other",
    [
        payload(Act.SUSPEND, version_of(LAW), TRUST),
        payload(Act.APPROVE, version_of(LAW), COUNCIL),
        payload(Act.APPROVE, version_of(changed(LAW, title="Another")), TRUST),
    ],
    ids=["another act", "another party", "another hash"],
)
def test_a_signature_is_good_for_nothing_else(signer: Signer, other: bytes) -> None:
    assert not is_signed_by(signer.key, SIGNED, signer.sign(other))


@pytest.mark.parametrize("signer", SIGNERS, ids=IDS)
def test_nobody_elses_signature_is_theirs(signer: Signer) -> None:
    assert not is_signed_by(signer.key, SIGNED, ed25519_signer("RL4").sign(SIGNED))
    assert not is_signed_by(ed25519_signer("RL4").key, SIGNED, signer.sign(SIGNED))


@given(st.binary(max_size=600))
def test_no_bytes_are_a_signature_by_chance_and_none_raise(signature: bytes) -> None:
    assert not any(is_signed_by(signer.key, SIGNED, signature) for signer in SIGNERS)


def test_a_private_key_is_refused() -> None:
    given_away = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(UnusableKey, match="private key: keep it to yourself"):
        read_key(TRUST, given_away)


@pytest.mark.parametrize(
    "weak",
    [pem(rsa_key(2048)), pem(ec.generate_private_key(ec.SECP256K1())), b"", b"-----BEGIN PUBLIC KEY-----\nAA\n"],
    ids=["a short RSA key", "another curve", "nothing", "no key"],
)
def test_what_is_no_strong_public_key_is_refused(weak: bytes) -> None:
    with pytest.raises(UnusableKey):
        read_key(TRUST, weak)


def test_openssl_signs_as_the_guide_says(tmp_path: Path) -> None:
    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, cwd=tmp_path, capture_output=True)

    (tmp_path / "payload").write_bytes(SIGNED)
    openssl("genpkey", "-algorithm", "ed25519", "-out", "private.pem")
    openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
    openssl("pkeyutl", "-sign", "-inkey", "private.pem", "-rawin", "-in", "payload", "-out", "signature")
    key = read_key(TRUST, (tmp_path / "public.pem").read_bytes())
    assert is_signed_by(key, SIGNED, (tmp_path / "signature").read_bytes())
