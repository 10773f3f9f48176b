r"""What passes a broker: pieces of mail, each encrypted for the recipient alone and signed by its sender.

    entrepot-sealed 1\n
    32 bytes             an X25519 public key that is used for this piece and never again
    the rest             AES-256-GCM of a signed header, its length before it, and a piece of the file

The key of a piece follows from both X25519 keys by HKDF-SHA-256. Sender, recipient, id and number of the piece are
bound to it, so that a broker can keep or lose a piece and do nothing else with it. Name, size and digest of the file
stand inside only: outside are the two cells, an id without meaning, a number and a length.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from entrepot.residency.border_errors import KeyInvalid, NoteInvalid
from entrepot.residency.link_errors import MailNotSealed
from entrepot.residency.notes import open_note, sign_note

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.residency.notes import SigningKey, VerifierKey

__all__ = ["MAGIC", "BoxKey", "Piece", "Route", "box_of", "check_sealed", "mail_id", "opened_piece", "sealed_piece"]

MAGIC = b"entrepot-sealed 1\n"
_ALGORITHM = "x25519-hkdf-sha256-aes256gcm"
_KEY_BYTES = 32
_NONCE = bytes(12)
"""Each key is used once, so that one nonce does for all."""
_TAG_BYTES = 16
_LENGTH_BYTES = 4
_KEY_FILE = "box.key"
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class BoxKey:
    """The public key for which mail to a cell is encrypted: `cell+x25519+base64`."""

    cell: str
    public: bytes

    @classmethod
    def from_text(cls, text: str) -> BoxKey:
        """Read it.

        Raises:
            KeyInvalid: It is not of that form.
        """
        cell, _, rest = text.strip().partition("+")
        kind, _, material = rest.partition("+")
        try:
            public = base64.b64decode(material, validate=True)
        except binascii.Error:
            public = b""
        if not cell or kind != "x25519" or len(public) != _KEY_BYTES:
            raise KeyInvalid(
                "a key for sealed mail has the form cell+x25519+base64, as `entrepot gateway nats-key` prints"
            )
        return cls(cell, public)

    def __str__(self) -> str:
        return f"{self.cell}+x25519+{base64.b64encode(self.public).decode()}"


@dataclass(frozen=True, slots=True)
class Route:
    """From whom a piece is, for whom, of which mail and which of its pieces."""

    sender: str
    recipient: str
    mail: str
    number: int

    @property
    def bound(self) -> bytes:
        """What is authenticated with the contents."""
        return f"{self.sender}>{self.recipient}/{self.mail}/{self.number}".encode()


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the header of a piece says of the file.

    Attributes:
        name: Its path below the mail folder.
        sha256: Digest of the whole file.
        size: Its bytes.
        pieces: Into how many it was cut.
    """

    name: str
    sha256: str
    size: int
    pieces: int

    @property
    def mail(self) -> str:
        """Its id."""
        return mail_id(self.name, self.sha256)


def mail_id(name: str, sha256: str) -> str:
    """Id of a piece of mail: the same for the same file, and for no other."""
    return hashlib.sha256(f"{name}\n{sha256}".encode()).hexdigest()[:32]


def box_of(folder: Path, cell: str) -> tuple[X25519PrivateKey, BoxKey]:
    """The cell's key pair for sealed mail; made on first use, the same for all who come at once."""
    path = folder / _KEY_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{_KEY_FILE}.{os.getpid()}"
        descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as out:
            out.write(base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first; its key counts
            os.link(partial, path)
        partial.unlink()
    private = X25519PrivateKey.from_private_bytes(base64.b64decode(path.read_bytes()))
    return private, BoxKey(cell, private.public_key().public_bytes_raw())


def sealed_piece(piece: Piece, content: bytes, route: Route, signer: SigningKey, box: BoxKey) -> bytes:
    """Encrypt a piece of a file for its recipient."""
    assert (route.recipient, route.mail) == (box.cell, piece.mail), "a piece is sealed for whom it is addressed to"
    header = sign_note(_header_text(piece, route), signer).encode()
    ephemeral = X25519PrivateKey.generate()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(box.public))
    plain = len(header).to_bytes(_LENGTH_BYTES, "big") + header + content
    sealed = AESGCM(_derived(shared, route)).encrypt(_NONCE, plain, route.bound)
    return MAGIC + ephemeral.public_key().public_bytes_raw() + sealed


def check_sealed(payload: bytes, what: str) -> None:
    """The last look before a payload enters a broker, and the first at one that left it.

    Raises:
        MailNotSealed: It does not have the form of a sealed piece.
    """
    if not payload.startswith(MAGIC) or len(payload) < len(MAGIC) + _KEY_BYTES + _LENGTH_BYTES + _TAG_BYTES:
        raise MailNotSealed(what, "it is not encrypted for a recipient")


def opened_piece(payload: bytes, route: Route, private: X25519PrivateKey, trusted: VerifierKey) -> tuple[Piece, bytes]:
    """Decrypt a piece and verify who made it.

    Raises:
        MailNotSealed: It is not encrypted, for another cell, altered, moved, or not signed by the sender.
    """
    what = f"piece {route.number} of {route.mail}"
    check_sealed(payload, what)
    at = len(MAGIC)
    try:
        public = X25519PublicKey.from_public_bytes(payload[at : at + _KEY_BYTES])
        key = _derived(private.exchange(public), route)
        plain = AESGCM(key).decrypt(_NONCE, payload[at + _KEY_BYTES :], route.bound)
    except (InvalidTag, ValueError) as error:
        raise MailNotSealed(what, "it was not sealed for this cell, or was altered since") from error
    length = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    header, content = plain[_LENGTH_BYTES : _LENGTH_BYTES + length], plain[_LENGTH_BYTES + length :]
    try:
        text = open_note(header.decode(), [trusted]).text
        piece = msgspec.json.decode(text.partition("\n")[2], type=Piece)
    except (NoteInvalid, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise MailNotSealed(what, "its sender has not signed it") from error
    if text != _header_text(piece, route) or piece.mail != route.mail or not 0 <= route.number < piece.pieces:
        raise MailNotSealed(what, "its header is of other mail")
    return piece, content


def _header_text(piece: Piece, route: Route) -> str:
    facts = json.dumps(msgspec.to_builtins(piece), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"entrepot/mail 1 {route.sender} {route.recipient}\n{facts}\n"


def _derived(shared: bytes, route: Route) -> bytes:
    return HKDF(hashes.SHA256(), _KEY_BYTES, None, f"{_ALGORITHM}/".encode() + route.bound).derive(shared)
