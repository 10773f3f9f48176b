"""Sealed copies of what left, kept for as long as the law wants: two approvers open one together, nobody alone.

Each approver has a key pair; the cell knows the public halves. A copy is encrypted with a key of its own. Each
approver's half-secret is encrypted for that approver, and the copy's key is wrapped once for every pair of approvers
under what both half-secrets give together. The private halves come into the cell for the moment of opening only.
"""

from __future__ import annotations

import base64
import os
import secrets
from itertools import combinations
from typing import TYPE_CHECKING

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from entrepot.residency.gate_errors import CopyRefused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["APPROVERS_NEEDED", "SUFFIX", "Approvers", "new_approver", "open_copy", "seal_copy"]

APPROVERS_NEEDED = 2
SUFFIX = ".sealed"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_ALGORITHM = "x25519-hkdf-sha256-aes256gcm"
_OWNER_ONLY = 0o600


class _Half(msgspec.Struct, frozen=True):
    """An approver's half-secret, encrypted for that approver."""

    approver: str
    ephemeral: bytes
    box: bytes


class _Pair(msgspec.Struct, frozen=True):
    """The copy's key, wrapped under what two approvers know together."""

    first: str
    second: str
    box: bytes


class _Copy(msgspec.Struct, frozen=True):
    """A sealed copy."""

    algorithm: str
    envelope: str
    halves: tuple[_Half, ...]
    pairs: tuple[_Pair, ...]
    box: bytes


class Approvers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`approvers.yaml`: public keys by name of the function that holds the private one."""

    approvers: dict[str, str] = {}

    @classmethod
    def of(cls, path: Path) -> Approvers:
        """Those of a cell; none without a file."""
        return msgspec.yaml.decode(path.read_bytes(), type=cls) if path.exists() else cls()


def new_approver(path: Path, name: str, private: Path) -> None:
    """Make a key pair: the public half goes into the cell's list, the private one into a file for the approver.

    Raises:
        CopyRefused: There is an approver of that name, or the file is there already.
    """
    known = Approvers.of(path).approvers
    if name in known:
        raise CopyRefused(name, "there is an approver of that name")
    try:
        descriptor = os.open(private, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ONLY)
    except FileExistsError:
        raise CopyRefused(name, "the file for the private key is there already") from None
    key = X25519PrivateKey.generate()
    with os.fdopen(descriptor, "wb") as out:
        out.write(base64.b64encode(key.private_bytes_raw()) + b"\n")
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.yaml.encode(Approvers(known | {name: public})))


def seal_copy(envelope: Path, approvers: Mapping[str, str]) -> Path:
    """Replace an envelope by its sealed copy.

    Args:
        envelope: What left.
        approvers: Public keys by name; at least two.
    """
    assert len(approvers) >= APPROVERS_NEEDED, "one approver alone opens nothing"
    key = secrets.token_bytes(_KEY_BYTES)
    halves = {name: secrets.token_bytes(_KEY_BYTES) for name in sorted(approvers)}
    copy = _Copy(
        algorithm=_ALGORITHM,
        envelope=envelope.name,
        halves=tuple(_half(name, public, halves[name]) for name, public in sorted(approvers.items())),
        pairs=tuple(
            _Pair(first, second, _boxed(_derived(halves[first] + halves[second], envelope.name), key, envelope.name))
            for first, second in combinations(sorted(approvers), APPROVERS_NEEDED)
        ),
        box=_boxed(key, envelope.read_bytes(), envelope.name),
    )
    target = envelope.with_name(envelope.name + SUFFIX)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.write_bytes(msgspec.msgpack.encode(copy))
    with partial.open("rb+") as written:
        os.fsync(written.fileno())
    partial.replace(target)
    envelope.unlink()
    return target


def open_copy(sealed: Path, keys: Mapping[str, Path], target: Path) -> None:
    """Write the envelope of a sealed copy, with the private keys of two approvers.

    Raises:
        CopyRefused: Fewer than two approvers, one whom the copy does not know, or a key that does not fit.
    """
    if len(keys) < APPROVERS_NEEDED:
        raise CopyRefused(sealed.name, "two approvers open a copy together")
    try:
        copy = msgspec.msgpack.decode(sealed.read_bytes(), type=_Copy)
    except msgspec.DecodeError as error:
        raise CopyRefused(sealed.name, "it is no sealed copy") from error
    first, second = sorted(keys)[:APPROVERS_NEEDED]
    pair = next((each for each in copy.pairs if (each.first, each.second) == (first, second)), None)
    if pair is None:
        raise CopyRefused(sealed.name, "it was not sealed for both of these approvers")
    try:
        secret = b"".join(_opened_half(copy, name, keys[name]) for name in (first, second))
        key = _unboxed(_derived(secret, copy.envelope), pair.box, copy.envelope)
        content = _unboxed(key, copy.box, copy.envelope)
    except (InvalidTag, ValueError) as error:
        raise CopyRefused(sealed.name, "a private key does not fit") from error
    target.write_bytes(content)


def _half(name: str, public: str, secret: bytes) -> _Half:
    ephemeral = X25519PrivateKey.generate()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(base64.b64decode(public)))
    return _Half(name, ephemeral.public_key().public_bytes_raw(), _boxed(_derived(shared, name), secret, name))


def _opened_half(copy: _Copy, name: str, private: Path) -> bytes:
    half = next(each for each in copy.halves if each.approver == name)
    key = X25519PrivateKey.from_private_bytes(base64.b64decode(private.read_bytes()))
    shared = key.exchange(X25519PublicKey.from_public_bytes(half.ephemeral))
    return _unboxed(_derived(shared, name), half.box, name)


def _derived(secret: bytes, about: str) -> bytes:
    return HKDF(hashes.SHA256(), _KEY_BYTES, None, f"{_ALGORITHM}/{about}".encode()).derive(secret)


def _boxed(key: bytes, content: bytes, about: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, about.encode())


def _unboxed(key: bytes, box: bytes, about: str) -> bytes:
    return AESGCM(key).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], about.encode())
