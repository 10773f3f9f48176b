"""What simulated platforms share that hand out files: links that end, keys that verify, days, bytes that are spoilt.

A bill tells the same orders as the shop's order API does: the same seed gives both.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

if TYPE_CHECKING:
    from entrepot.sandbox.http.world import LiveOrder

DAY = 86_400
_BEIJING = timedelta(hours=8)


@lru_cache(maxsize=1)
def _pair() -> rsa.RSAPrivateKey:
    """One merchant's key for this process: to make one takes a while."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def private_key_text() -> str:
    """The key as providers hand it out on one line: Base64 of PKCS #8."""
    plain = _pair().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(plain).decode()


def verifies(text: str, signature: str) -> bool:
    """Whether a signature over a text is the merchant's, SHA-256 with PKCS #1 v1.5."""
    try:
        _pair().public_key().verify(
            base64.b64decode(signature, validate=True), text.encode(), padding.PKCS1v15(), SHA256()
        )
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass
class Links:
    """Links to files, each good for a short time.

    Attributes:
        life_s: So long.
        given: Token to what it leads to and when it ends.
    """

    life_s: float
    given: dict[str, tuple[str, float]] = field(default_factory=dict)

    def give(self, what: str, now_s: float, *, is_over: bool = False) -> str:
        """A token for a link."""
        token = f"t{len(self.given):06d}"
        self.given[token] = (what, now_s - 1 if is_over else now_s + self.life_s)
        return token

    def leads_to(self, token: str, now_s: float) -> str | None:
        """What a token leads to; None where it has ended or never was."""
        what, ends = self.given.get(token, ("", 0.0))
        return what if now_s < ends else None


@dataclass(frozen=True, slots=True)
class Move:
    """Money that came to an account or left it.

    Attributes:
        at: Unix seconds.
        order: Whose.
        what: `income`, `platform`, `fee`, `refund`, `fee_back`.
        minor: Signed.
    """

    at: int
    order: LiveOrder
    what: str
    minor: int

    @property
    def number(self) -> str:
        """A number of its own: day, order, kind."""
        kind = ("income", "platform", "fee", "refund", "fee_back").index(self.what)
        return f"{beijing(self.at)[:10].replace('-', '')}{self.order.order_id[-11:]}{kind}"


def beijing(at: int) -> str:
    """`YYYY-MM-DD HH:MM:SS` in Beijing."""
    return f"{datetime.fromtimestamp(at, UTC) + _BEIJING:%Y-%m-%d %H:%M:%S}"


def day_start_s(day: str) -> int | None:
    """First instant of a day in Beijing; None where it is no day."""
    try:
        local = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int((local - _BEIJING).timestamp())


def yuan(minor: int) -> str:
    """Two decimals."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def half_up(minor: int, rate_bp: int) -> int:
    """A share of an amount in 1/10000, halves away from zero."""
    return (abs(minor) * rate_bp * 2 + 10_000) // 20_000 * (1 if minor >= 0 else -1)


def flipped(content: bytes) -> bytes:
    """The same length, one byte in the middle another one."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
