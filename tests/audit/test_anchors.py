"""Heads that are signed, to be kept where whoever runs the database cannot reach."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit.checking.anchors import ChainRoot, TrailHead, public_key_of, seal, sealed_heads
from app.audit.checking.faults import Wrong
from app.audit.checking.vouching import Vouched, Voucher
from tests.audit.acts import AT, KEY

SIGNING = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
VOUCHER = Voucher.made(KEY, 0, bytes(32), [Vouched(7, b"c" * 32), Vouched(12, b"d" * 32)])
HEAD = TrailHead(AT, "0123456789abcdef", (ChainRoot(0, 12, b"a" * 32, VOUCHER), ChainRoot(1, 3, b"b" * 32)))


def test_a_sealed_head_is_read_back_as_it_was(tmp_path: Path) -> None:
    later = TrailHead(AT + timedelta(hours=1), HEAD.chain_key, HEAD.chains)
    for head in (later, HEAD):
        seal(head, SIGNING, tmp_path / "heads")
    assert sealed_heads(tmp_path / "heads", SIGNING.public_key()) == ([HEAD, later], [])


def test_no_folder_of_heads_is_no_heads(tmp_path: Path) -> None:
    assert sealed_heads(tmp_path / "none", SIGNING.public_key()) == ([], [])


def test_a_head_is_named_for_its_instant_and_never_replaced(tmp_path: Path) -> None:
    assert seal(HEAD, SIGNING, tmp_path).name == "20260601T093000.000000Z.json"
    with pytest.raises(FileExistsError):
        seal(HEAD, SIGNING, tmp_path)


def test_the_root_of_all_covers_each_chain_its_length_and_its_number() -> None:
    def leaf(chain: int, size: int, root: bytes) -> bytes:
        return sha256(b"\x00" + chain.to_bytes(2, "big") + size.to_bytes(8, "big") + root).digest()

    both = leaf(0, 12, b"a" * 32) + leaf(1, 3, b"b" * 32)
    assert HEAD.root == sha256(b"\x01" + both).digest()
    assert HEAD.events == 15


def test_whoever_keeps_a_head_can_check_it_with_nothing_but_the_public_key(tmp_path: Path) -> None:
    said = orjson.loads(seal(HEAD, SIGNING, tmp_path).read_bytes())
    signature = bytes.fromhex(said.pop("signature"))
    assert said.pop("public_key") == public_key_of(SIGNING)
    signed = b"pisano audit head\n" + orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    SIGNING.public_key().verify(signature, signed)


def shorten(said: dict[str, Any]) -> None:
    said["chains"][0]["size"] = 11


def postdate(said: dict[str, Any]) -> None:
    said["at"] = said["at"].replace("2026", "2027")


def sign_with_another_key(said: dict[str, Any]) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    del said["signature"], said["public_key"]
    signed = b"pisano audit head\n" + orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    said |= {"public_key": public_key_of(other), "signature": other.sign(signed).hex()}


def unsign(said: dict[str, Any]) -> None:
    del said["signature"]


def mangle(said: dict[str, Any]) -> None:
    said["signature"] = 7


@pytest.mark.parametrize("change", [shorten, postdate, sign_with_another_key, unsign, mangle])
def test_a_head_that_our_key_did_not_sign_is_a_fault(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = seal(HEAD, SIGNING, tmp_path)
    said = orjson.loads(path.read_bytes())
    change(said)
    path.write_bytes(orjson.dumps(said))
    heads, faults = sealed_heads(tmp_path, SIGNING.public_key())
    assert heads == []
    assert [(fault.wrong, path.name in fault.text) for fault in faults] == [(Wrong.SIGNATURE, True)]


def test_a_head_that_is_no_json_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_bytes(b'{"at":')
    assert [fault.wrong for fault in sealed_heads(tmp_path, SIGNING.public_key())[1]] == [Wrong.SIGNATURE]
