"""The tree against the published test data of Certificate Transparency, and against the definition written naively."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.merkle import (
    EMPTY,
    Tree,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)

INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in INPUTS]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
INCLUSION = {  # (position, size): proof
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CONSISTENCY = {  # (old size, new size): proof
    (1, 1): (),
    (1, 8): INCLUSION[0, 8],
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
    (6, 7): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}

sizes = st.integers(1, 40)


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(bytes([number])) for number in range(size)]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it is written there."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_are_met(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("position", "size"), INCLUSION)
def test_the_published_inclusion_proofs_are_met(position: int, size: int) -> None:
    proof = inclusion_proof(LEAVES[:size], position)
    assert [node.hex() for node in proof] == list(INCLUSION[position, size])
    assert includes(bytes.fromhex(ROOTS[size]), size, LEAVES[position], position, proof)


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_the_published_consistency_proofs_are_met(old: int, new: int) -> None:
    proof = consistency_proof(LEAVES[:new], old)
    assert [node.hex() for node in proof] == list(CONSISTENCY[old, new])
    assert extends(bytes.fromhex(ROOTS[old]), old, bytes.fromhex(ROOTS[new]), new, proof)


def test_a_tree_of_seven_has_the_shape_that_rfc_9162_draws() -> None:
    a, b, c, d, e, f, j = LEAVES[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k = node_hash(g, h)
    assert root_of(LEAVES[:7]) == node_hash(k, node_hash(i, j))
    assert inclusion_proof(LEAVES[:7], 3) == [c, g, node_hash(i, j)]
    assert consistency_proof(LEAVES[:7], 3) == [c, d, g, node_hash(i, j)]


@given(st.integers(0, 200))
def test_a_tree_grown_leaf_by_leaf_has_the_root_that_the_definition_gives(size: int) -> None:
    leaves, tree = [leaf_hash(number.to_bytes(2)) for number in range(size)], Tree()
    for count, leaf in enumerate(leaves):
        assert tree.size == count
        tree.add(leaf)
    assert tree.root == naive_root(leaves) == root_of(leaves)
    assert size or tree.root == EMPTY


@given(st.data(), sizes)
def test_a_leaf_is_shown_to_be_where_it_is_and_nowhere_else(data: st.DataObject, size: int) -> None:
    leaves = leaves_of(size)
    position, claimed = data.draw(st.integers(0, size - 1)), data.draw(st.integers(-1, size))
    proof = inclusion_proof(leaves, position)
    assert includes(naive_root(leaves), size, leaves[position], claimed, proof) == (claimed == position)


@given(st.data(), sizes, sizes)
def test_only_the_true_beginning_of_a_tree_is_shown_to_be_one(data: st.DataObject, one: int, other: int) -> None:
    old, new = sorted((one, other))
    leaves = leaves_of(new)
    proof = consistency_proof(leaves, old)
    old_root, new_root = naive_root(leaves[:old]), naive_root(leaves)
    assert extends(old_root, old, new_root, new, proof)
    changed = data.draw(st.integers(0, old - 1))
    false_root = naive_root([*leaves[:changed], b"\xff" * 32, *leaves[changed + 1 : old]])
    assert not extends(false_root, old, new_root, new, proof)
    assert not extends(old_root, old, false_root, new, proof)


def test_every_beginning_of_every_tree_is_shown_to_be_one_and_no_other_tree_is() -> None:
    """Chance alone seldom met an old tree that is whole, or a proof with a node too many."""
    leaves = leaves_of(20)
    roots = [naive_root(leaves[:size]) for size in range(21)]
    for new in range(1, 21):
        for old in range(1, new + 1):
            proof = consistency_proof(leaves[:new], old)
            assert extends(roots[old], old, roots[new], new, proof)
            believed = {
                (claimed, of)
                for claimed in range(21)
                for of in range(21)
                if extends(roots[claimed], claimed, roots[of], of, proof)
            }
            # no node is needed of a tree that is the same, whichever it is
            assert believed == ({(size, size) for size in range(1, 21)} if old == new else {(old, new)})
            for wrong in ([*proof, roots[1]], [roots[old], *proof], proof[1:] if proof else [roots[1]]):
                assert not extends(roots[old], old, roots[new], new, wrong)


@given(st.data(), st.integers(2, 40))
def test_a_mangled_proof_shows_nothing(data: st.DataObject, size: int) -> None:
    leaves = leaves_of(size)
    position = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(leaves, position), naive_root(leaves)
    old = data.draw(st.integers(1, size - 1))
    history, old_root = consistency_proof(leaves, old), naive_root(leaves[:old])
    for mangle in (lambda _: [], lambda p: p[:-1], lambda p: [*p, b"\0" * 32], lambda p: [b"\0" * 32, *p[1:]]):
        assert not includes(root, size, leaves[position], position, mangle(proof))
        assert not extends(old_root, old, root, size, mangle(history))


def test_there_is_no_proof_for_what_is_not_in_the_tree() -> None:
    with pytest.raises(IndexError, match="no leaf 3"):
        inclusion_proof(leaves_of(3), 3)
    for size in (0, 4):
        with pytest.raises(IndexError, match="no beginning"):
            consistency_proof(leaves_of(3), size)
    assert not extends(EMPTY, 0, root_of(leaves_of(3)), 3, [])
