"""The tree of RFC 6962, against known answers, a second implementation, and itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from pymerkle.proof import verify_consistency, verify_inclusion

from entrepot.residency.transferlog.tree import (
    EMPTY_ROOT,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    range_root,
    root_of,
)

# The leaves, roots and proofs with which Certificate Transparency's own implementations are tested.
LEAVES = [bytes.fromhex(each) for each in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
N_01 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
N_03 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
N_23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N_45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
N_47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
N_67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"

GREATEST = 600
HASHES = [leaf_hash(f"entry {at}".encode()) for at in range(GREATEST)]


def nodes(hashes: list[bytes]) -> Callable[[int, int], bytes]:
    def node(height: int, index: int) -> bytes:
        span = hashes[index << height : (index + 1) << height]
        assert len(span) == 1 << height, "only whole subtrees are asked for"
        return root_of(span)

    return node


def sizes() -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, GREATEST).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size)))


def test_an_empty_log_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_roots_are_those_of_certificate_transparency() -> None:
    hashes = [leaf_hash(each) for each in LEAVES]
    assert tuple(root_of(hashes[:size]).hex() for size in range(1, 9)) == ROOTS
    assert tuple(range_root(0, size, nodes(hashes)).hex() for size in range(1, 9)) == ROOTS


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [(0, 1, []), (0, 8, [LEAF_1, N_23, N_47]), (5, 8, [LEAF_4, N_67, N_03]), (2, 3, [N_01])],
)
def test_inclusion_proofs_are_those_of_certificate_transparency(index: int, size: int, path: list[str]) -> None:
    hashes = [leaf_hash(each) for each in LEAVES[:size]]
    assert [each.hex() for each in inclusion_path(index, size, nodes(hashes))] == path


@pytest.mark.parametrize(
    ("old", "size", "path"),
    [(1, 1, []), (1, 8, [LEAF_1, N_23, N_47]), (6, 8, [N_45, N_67, N_03]), (0, 8, []), (4, 8, [N_47])],
)
def test_consistency_proofs_are_those_of_certificate_transparency(old: int, size: int, path: list[str]) -> None:
    hashes = [leaf_hash(each) for each in LEAVES[:size]]
    assert [each.hex() for each in consistency_path(old, size, nodes(hashes))] == path


@given(sizes(), st.data())
@settings(deadline=None, max_examples=60)
def test_an_inclusion_proof_holds_for_its_entry_and_no_other(pair: tuple[int, int], data: st.DataObject) -> None:
    index, size = min(pair[0], pair[1] - 1), pair[1]
    root, path = root_of(HASHES[:size]), inclusion_path(index, size, nodes(HASHES[:size]))
    assert is_included(HASHES[index], index, size, path, root)
    other = data.draw(st.integers(-1, size + 1).filter(lambda each: each != index))
    assert not is_included(HASHES[index], other, size, path, root)
    assert not is_included(HASHES[index - 1], index, size, path, root) or size == 1
    assert not is_included(HASHES[index], index, size, [*path, path[0] if path else root], root)
    for at in range(len(path)):
        assert not is_included(HASHES[index], index, size, path[:at] + path[at + 1 :], root)
        assert not is_included(HASHES[index], index, size, [*path[:at], root, *path[at + 1 :]], root)


@given(sizes(), st.data())
@settings(deadline=None, max_examples=60)
def test_a_consistency_proof_holds_for_its_two_trees_and_no_others(pair: tuple[int, int], data: st.DataObject) -> None:
    old, size = pair
    old_root, root = root_of(HASHES[:old]), root_of(HASHES[:size])
    path = consistency_path(old, size, nodes(HASHES[:size]))
    assert is_consistent(old, size, old_root, root, path)
    other = data.draw(st.integers(-1, size + 1).filter(lambda each: each != old))
    assert not is_consistent(other, size, old_root, root, path)
    assert not is_consistent(old, size, HASHES[0][::-1], root, path)
    assert not is_consistent(old, size, old_root, HASHES[0][::-1], path) or old == 0
    assert not is_consistent(old, size, old_root, root, [*path, root])
    for at in range(len(path)):
        assert not is_consistent(old, size, old_root, root, path[:at] + path[at + 1 :])
        assert not is_consistent(old, size, old_root, root, [*path[:at], HASHES[0][::-1], *path[at + 1 :]])


@given(sizes())
@settings(deadline=None, max_examples=40)
def test_another_implementation_agrees_on_roots_and_proofs(pair: tuple[int, int]) -> None:
    old, size = pair
    theirs = InmemoryTree.init_from_entries([f"entry {at}".encode() for at in range(size)], algorithm="sha256")
    assert theirs.get_root() == root_of(HASHES[:size])
    index = min(old, size - 1)
    proof = theirs.prove_inclusion(index + 1, size)  # pymerkle counts leaves from one, and puts the leaf first
    verify_inclusion(HASHES[index], root_of(HASHES[:size]), proof)
    assert proof.path[0] == HASHES[index]
    assert proof.path[1:] == inclusion_path(index, size, nodes(HASHES[:size]))
    if old:
        verify_consistency(root_of(HASHES[:old]), root_of(HASHES[:size]), theirs.prove_consistency(old, size))
