"""The two pads from which the macro ``person_key`` computes HMAC-SHA-256 in SQL.

HMAC XORs the key with two constants before hashing. SQL has no XOR of texts, so it is done here, once per key. With
keys over the letters a to p (four bits each, 64 letters: 256 bits) both pads are printable ASCII and travel as text.
"""

import secrets

__all__ = ["hmac_pads", "new_hmac_key"]

KEY_LETTERS = "abcdefghijklmnop"
KEY_LENGTH = 64  # one block of SHA-256, so that HMAC neither hashes nor pads the key
_INNER, _OUTER = 0x36, 0x5C  # RFC 2104, section 2


def new_hmac_key() -> str:
    """A random key: 64 letters a to p, 256 bits from the system's source."""
    return "".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))


def hmac_pads(key: str) -> tuple[str, str]:
    """The inner and the outer pad of a key, each 64 printable ASCII characters.

    Args:
        key: 64 letters a to p. ``hmac.new(key.encode(), message.encode(), "sha256").hexdigest()`` gives the same as
            the macro ``person_key(k_inner, k_outer, message)``.
    Raises:
        ValueError: The key has another length or other letters; the message does not show it.
    """
    if len(key) != KEY_LENGTH or not set(key) <= set(KEY_LETTERS):
        message = "an HMAC key here is 64 letters from a to p"
        raise ValueError(message)
    codes = key.encode("ascii")
    return "".join(chr(code ^ _INNER) for code in codes), "".join(chr(code ^ _OUTER) for code in codes)
