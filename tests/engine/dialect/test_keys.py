import hmac
from typing import Any

import pyarrow as pa
import pytest

from entrepot.engine import hmac_pads, new_hmac_key

KEY = "abcdefghijklmnop" * 4
MESSAGES = ["", "13800138000", "中文𠮷", "a" * 200, "it's \\ \n|", "+86 138-0013-8000"]


def test_the_macro_is_hmac_sha256_on_both_engines(both: Any) -> None:
    for key in (KEY, "p" * 64, new_hmac_key()):
        inner, outer = hmac_pads(key)
        both.add("keys", pa.table({"k_inner": [inner], "k_outer": [outer]}))
        both.add("people", pa.table({"n": range(len(MESSAGES)), "message": MESSAGES}))
        found = both.rows(
            "select person_key(k.k_inner, k.k_outer, p.message) as person from people p cross join keys k order by p.n"
        )
        expected = [hmac.new(key.encode(), message.encode(), "sha256").hexdigest() for message in MESSAGES]
        assert [row[0] for row in found] == expected


def test_no_message_has_no_person(both: Any) -> None:
    inner, outer = hmac_pads(KEY)
    assert both.value("person_key(k_inner, k_outer, message)", k_inner=inner, k_outer=outer, message=None) is None


def test_both_pads_are_printable_text_of_one_block() -> None:
    for pad in hmac_pads(KEY):
        assert len(pad) == 64
        assert pad.isascii()
        assert pad.isprintable()


def test_a_new_key_is_accepted_and_never_twice_the_same() -> None:
    first, second = new_hmac_key(), new_hmac_key()
    assert first != second
    assert hmac_pads(first) != hmac_pads(second)


@pytest.mark.parametrize("key", ["", "a" * 63, "a" * 65, "A" * 64, "q" + "a" * 63])
def test_another_key_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="64 letters from a to p") as refusal:
        hmac_pads(key)
    assert key == "" or key not in str(refusal.value)
