"""How a call to NetSuite is signed: OAuth 2.0 with a certificate, or token-based authentication (OAuth 1.0a).

Source: NetSuite help, sections 162755359851 and 162790605110 (client credentials: PS256 or ES256, never RS256; at most
an hour); RFC 5849 for the signature of tokens, with HMAC-SHA256 and the account as realm.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from entrepot.delivery.calls import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx

_VALID_S = 1_800
_P256_BYTES = 32


def assertion(client_id: str, certificate_id: str, key: str, token_url: str, now_s: float) -> str:
    """The signed statement for which NetSuite gives a token.

    Args:
        client_id: Of the integration.
        certificate_id: Of the certificate whose key signs.
        key: The private key in PEM, or the path of a file with it.
        token_url: Who is to take it.
        now_s: Seconds since 1970.

    Raises:
        Trouble: The key cannot be used; its content is not in the words.
    """
    private = _private_key(key)
    algorithm = "PS256" if isinstance(private, rsa.RSAPrivateKey) else "ES256"
    head = {"alg": algorithm, "typ": "JWT", "kid": certificate_id}
    now = int(now_s)
    claims = {"iss": client_id, "scope": "rest_webservices", "aud": token_url, "iat": now, "exp": now + _VALID_S}
    signed = f"{_part(json.dumps(head).encode())}.{_part(json.dumps(claims).encode())}"
    if isinstance(private, rsa.RSAPrivateKey):
        signature = private.sign(
            signed.encode(), padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH), hashes.SHA256()
        )
    else:
        r, s = decode_dss_signature(private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(_P256_BYTES) + s.to_bytes(_P256_BYTES)
    return f"{signed}.{_part(signature)}"


def _private_key(key: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    try:
        content = key.encode() if key.startswith("-----") else Path(key).read_bytes()
        private = load_pem_private_key(content, None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        # No `from`: the error of a path or a key may show it.
        raise Trouble("rejected", "rights", f"the private key cannot be read ({type(error).__name__})") from None
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return private
    if isinstance(private, rsa.RSAPrivateKey):
        return private
    raise Trouble("rejected", "rights", "the private key is neither RSA nor of the curve P-256")


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class TokenSigner:
    """Token-based authentication: each call is signed with two secrets.

    Args:
        realm: The account, as `1234567_SB1`.
        keys: Consumer key and token id, with a colon between them.
        key_secrets: Their secrets, likewise.
    """

    def __init__(self, realm: str, keys: str, key_secrets: str) -> None:
        self._realm = realm
        self._consumer, _, self._token = keys.partition(":")
        one, _, other = key_secrets.partition(":")
        self._key = f"{_escaped(one)}&{_escaped(other)}".encode()

    def header(self, request: httpx.Request) -> str:
        """The Authorization of a call; each has a nonce and a time of its own."""
        signed = {
            "oauth_consumer_key": self._consumer,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
            "oauth_token": self._token,
            "oauth_version": "1.0",
        }
        address = str(request.url.copy_with(query=None))
        asked = parse_qsl(request.url.query.decode(), keep_blank_values=True)
        text = base_string(request.method, address, [*asked, *signed.items()])
        signature = base64.b64encode(hmac.new(self._key, text.encode(), hashlib.sha256).digest()).decode()
        return _header(self._realm, {**signed, "oauth_signature": signature})


def base_string(method: str, address: str, pairs: Iterable[tuple[str, str]]) -> str:
    """What is signed (RFC 5849, section 3.4.1).

    Args:
        method: Of HTTP.
        address: Without query.
        pairs: Query and OAuth fields, as they are before any escaping.
    """
    escaped = sorted((_escaped(name), _escaped(value)) for name, value in pairs)
    joined = "&".join(f"{name}={value}" for name, value in escaped)
    return "&".join((method, _escaped(address), _escaped(joined)))


def _header(realm: str, fields: Mapping[str, str]) -> str:
    return f'OAuth realm="{_escaped(realm)}", ' + ", ".join(f'{n}="{_escaped(v)}"' for n, v in fields.items())


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
