"""The Merkle tree: its right edge, the root, proofs; against the definition, and vectors of RFC 6962."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.service.audit import proofs
from agpc.service.audit.tree import EMPTY_ROOT, BrokenEdge, Edge, leaf_hash

# The inputs and roots with which implementations of certificate transparency are tested.
ENTRIES = [
    bytes.fromhex(each)
    for each in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def tree_hash(entries: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, as it stands there."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + tree_hash(entries[:k]) + tree_hash(entries[k:])).digest()


def entries(size: int) -> list[bytes]:
    return [str(each).encode() for each in range(size)]


def edge_of(found: list[bytes]) -> Edge:
    edge = Edge()
    edge.extend(map(leaf_hash, found))
    return edge


def reader(found: list[bytes]) -> proofs.Reader:
    return proofs.from_leaves(lambda index: leaf_hash(found[index]))


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots(size: int) -> None:
    assert edge_of(ENTRIES[:size]).root().hex() == ROOTS[size]


@given(size=st.integers(0, 600), cut=st.integers(0, 600))
def test_the_edge_is_the_tree(size: int, cut: int) -> None:
    found = entries(size)
    edge = Edge.from_bytes(edge_of(found[:cut]).to_bytes())
    edge.extend(map(leaf_hash, found[cut:]))
    assert edge.size == size
    assert edge.root() == tree_hash(found) == proofs.root(reader(found), size)


def test_a_copy_grows_apart() -> None:
    edge = edge_of(entries(3))
    copy = edge.copy()
    copy.append(leaf_hash(b"3"))
    assert (edge.root(), copy.root()) == (tree_hash(entries(3)), tree_hash(entries(4)))


def test_nothing_is_the_empty_tree() -> None:
    assert Edge.from_bytes(b"").root() == EMPTY_ROOT == Edge.from_bytes(bytes(8)).root()


@pytest.mark.parametrize(
    "data", [b"\0", bytes(7), bytes(8) + bytes(32), (3).to_bytes(8, "big") + bytes(32), bytes(39)]
)
def test_bytes_that_are_no_edge(data: bytes) -> None:
    with pytest.raises(BrokenEdge):
        Edge.from_bytes(data)


# --- Proofs, verified as RFC 9162 says, which has the algorithms that RFC 6962 leaves out -----------


def is_included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = sha256(b"\x01" + p + r).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\x01" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def is_consistent(old: int, new: int, path: list[bytes], before: bytes, after: bytes) -> bool:
    if old == new:
        return not path and before == after
    if not path:
        return False
    if old & (old - 1) == 0:
        path = [before, *path]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = sha256(b"\x01" + c + fr).digest(), sha256(b"\x01" + c + sr).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha256(b"\x01" + sr + c).digest()
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == before and sr == after


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, 300))
    return draw(st.integers(0, size - 1)), size


def mutants(path: list[bytes]) -> list[list[bytes]]:
    found = [[*path, bytes(32)]]
    for number, each in enumerate(path):
        flipped = bytes([each[0] ^ 1]) + each[1:]
        found += [
            [*path[:number], flipped, *path[number + 1 :]],
            path[:number] + path[number + 1 :],
        ]
    return found


@given(places())
def test_a_proof_of_inclusion_and_no_other(place: tuple[int, int]) -> None:
    index, size = place
    found = entries(size)
    path, root = proofs.inclusion(reader(found), index, size), tree_hash(found)
    leaf = leaf_hash(found[index])
    assert is_included(leaf, index, size, path, root)
    assert not any(is_included(leaf, index, size, each, root) for each in mutants(path))
    assert not is_included(leaf_hash(b"other"), index, size, path, root)


@given(places())
def test_a_proof_of_consistency_and_no_other(place: tuple[int, int]) -> None:
    old, new = place[0] + 1, place[1]
    found = entries(new)
    path = proofs.consistency(reader(found), old, new)
    before, after = tree_hash(found[:old]), tree_hash(found)
    assert is_consistent(old, new, path, before, after)
    assert not any(is_consistent(old, new, each, before, after) for each in mutants(path))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(proofs.NoProof):
        proofs.inclusion(reader(entries(3)), index, size)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_no_proof_of_a_smaller_tree(old: int, new: int) -> None:
    with pytest.raises(proofs.NoProof):
        proofs.consistency(reader(entries(3)), old, new)


def test_every_tree_begins_with_the_empty_one() -> None:
    assert proofs.consistency(reader(entries(3)), 0, 3) == []
