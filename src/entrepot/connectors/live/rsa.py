r"""Signatures with a merchant's RSA key: SHA-256, PKCS #1 v1.5, as payment providers want them.

Keys come as PEM (with line ends, or with `\n` spelt out where they were put on one line) or as the bare Base64 of the
same bytes, PKCS #8 or PKCS #1.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from entrepot.connectors.live.errors import KeyUnreadable

_MARKS = re.compile(r"-----[A-Z ]+-----|\\[rn]|\s")


def signed(text: str, key: str) -> str:
    """The signature of a text, Base64.

    Args:
        text: What is signed, as UTF-8.
        key: The private key.
    Raises:
        KeyUnreadable: It is no RSA key, or locked with a password.
    """
    return base64.b64encode(_private_key(key).sign(text.encode(), PKCS1v15(), SHA256())).decode()


@lru_cache(maxsize=4)
def _private_key(key: str) -> RSAPrivateKey:
    """The key. Reading one takes longer than signing: the last are kept."""
    if "ENCRYPTED" in key:
        raise KeyUnreadable("it is locked with a password; give it unlocked")
    try:
        read = load_der_private_key(base64.b64decode(_MARKS.sub("", key), validate=True), password=None)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnreadable("it is neither PEM nor Base64 of PKCS #8 or PKCS #1") from error
    if not isinstance(read, RSAPrivateKey):
        raise KeyUnreadable("it is not an RSA key")
    return read
