"""Keys of 16 letters and digits, whichever version of a document they are of, and back."""

from __future__ import annotations

import pytest

from entrepot.delivery.keys import document_id_of, short_key

BASES = ("3fa9c1d2e4b5a607", "0" * 16, "f" * 16)
ENDS = ("", "r", ".2", ".2r", ".13", ".13r", ".511", ".511r")


@pytest.mark.parametrize("base", BASES)
def test_every_version_has_a_key_of_its_own_that_tells_its_id(base: str) -> None:
    keys = {base + end: short_key(base + end) for end in ENDS}
    assert len(set(keys.values())) == len(ENDS)
    for document_id, key in keys.items():
        assert (len(key), key.isalnum(), key.isascii()) == (16, True, True)
        assert document_id_of(key.upper()) == document_id_of(key.lower()) == document_id


def test_a_first_version_is_its_own_key() -> None:
    assert short_key(BASES[0]) == BASES[0]


@pytest.mark.parametrize("other", ["G00001", "", "3fa9c1d2e4b5a607r", "3fa9c1d2e4b5a607.2"])
def test_what_is_no_key_is_told_as_it_is(other: str) -> None:
    """Numbers of other people; and ids, as earlier releases wrote them where they fitted."""
    assert document_id_of(other) == other.lower()


@pytest.mark.parametrize("wrong", ["G00001", "3fa9c1d2e4b5a607.512", "3fa9c1d2e4b5a607.0", "3fa9c1d2e4b5a607rr"])
def test_what_no_plan_gives_has_no_key(wrong: str) -> None:
    with pytest.raises(AssertionError):
        short_key(wrong)
