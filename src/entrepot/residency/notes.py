"""Ed25519 keys and signed notes: how everything that leaves a cell is signed.

A note is a text, an empty line, and one line per signature. The formats are those of C2SP, so that other tools can read
them: `signed-note` with signatures of type 0x01, `tlog-cosignature` version 1 with those of type 0x04, which carry the
time at which they were made. Key files hold one line in the form of Go's `sumdb/note`.

Source: c2sp.org/signed-note and c2sp.org/tlog-cosignature, read 2026-11.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from entrepot.residency.border_errors import KeyInvalid, NoteInvalid

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = [
    "NoteSignature",
    "OpenedNote",
    "SignatureType",
    "SigningKey",
    "VerifierKey",
    "cosign_note",
    "merge_notes",
    "open_note",
    "sign_note",
    "signing_key",
    "verifier_key",
]

ALGORITHM = "ed25519"
SIGNATURES_MAX = 100
_KEY_FILE = "signing.key"
_OWNER_ONLY = 0o600
_DASH = "— "
_KEY_BYTES = 32
_ID_BYTES = 4
_TIME_BYTES = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SignatureType(IntEnum):
    """What a signature states; part of the key's id, so one key has two ids."""

    NOTE = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key, and whether it signs notes or cosigns checkpoints.

    Attributes:
        name: Who signs, such as `entrepot.example/cell/cn`; no spaces, no plus sign.
        public: The 32 bytes of the Ed25519 key.
        signs: The type of its signatures.
    """

    name: str
    public: bytes
    signs: SignatureType = SignatureType.NOTE

    def __post_init__(self) -> None:
        """Refuse what no note could name.

        Raises:
            KeyInvalid: The name or the length.
        """
        if not _is_name(self.name):
            raise KeyInvalid("its name is empty or has a space or a plus sign")
        if len(self.public) != _KEY_BYTES:
            raise KeyInvalid("its public half is not 32 bytes long")

    @property
    def algorithm(self) -> str:
        """The algorithm's word."""
        return ALGORITHM

    @property
    def key_id(self) -> str:
        """Four bytes as eight hex digits, from the name, the type and the public half."""
        known = self.name.encode() + b"\n" + bytes([self.signs]) + self.public
        return hashlib.sha256(known).digest()[:_ID_BYTES].hex()

    def __str__(self) -> str:
        material = base64.b64encode(bytes([self.signs]) + self.public).decode()
        return f"{self.name}+{self.key_id}+{material}"

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the 64 bytes are this key's signature of the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs. Its secret half is shown by nothing and cannot be pickled.

    Attributes:
        name: Who signs.
        private: The library's key object.
    """

    name: str
    private: Ed25519PrivateKey = field(repr=False, compare=False)

    @property
    def algorithm(self) -> str:
        """The algorithm's word."""
        return ALGORITHM

    @property
    def key_id(self) -> str:
        """The id under which it signs notes; its cosignatures have `verifier(COSIGNATURE).key_id`."""
        return self.verifier().key_id

    def verifier(self, signs: SignatureType = SignatureType.NOTE) -> VerifierKey:
        """The public half, to be given to whoever must verify."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw(), signs)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature that was verified.

    Attributes:
        by: The trusted key that made it.
        at: When, as the signer says; only cosignatures say it.
    """

    by: VerifierKey
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note whose signatures were verified.

    Attributes:
        text: What was signed, with its last line feed.
        signatures: Every signature of a trusted key, in the order of the note; never empty.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    @property
    def signed_by(self) -> tuple[VerifierKey, ...]:
        """The trusted keys that signed, each once."""
        return tuple(dict.fromkeys(each.by for each in self.signatures))


def signing_key(folder: Path, name: str) -> SigningKey:
    """The key that signs in this folder, made on first use; only its owner can read the file.

    Raises:
        KeyInvalid: The name cannot stand in a note, or the file is no key or another name's.
    """
    if not _is_name(name):
        raise KeyInvalid("its name is empty or has a space or a plus sign")
    path = folder / _KEY_FILE
    if not path.exists():
        _make_key(path, name)
    key = _key_from_line(path.read_text(encoding="utf-8"))
    if key.name != name:
        raise KeyInvalid(f"the folder's key signs as {key.name}, not as {name}")
    return key


def verifier_key(text: str) -> VerifierKey:
    """Read a public key from its text form `name+id+base64`.

    Raises:
        KeyInvalid: The text is none, or its id is not the key's.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, material = rest.partition("+")
    content = _from_base64(material)
    if content is None or not content or content[0] not in {*SignatureType}:
        raise KeyInvalid("it is not of the form name+id+base64 with an Ed25519 key")
    key = VerifierKey(name, content[1:], SignatureType(content[0]))
    if key.key_id != key_id:
        raise KeyInvalid(f"the id of {name} does not belong to its key")
    return key


def sign_note(text: str, key: SigningKey) -> str:
    """The text with one signature.

    Raises:
        NoteInvalid: The text does not end with a line feed or holds other control characters.
    """
    _check_text(text)
    return f"{text}\n{_signature_line(key.verifier(), key.private.sign(text.encode()))}"


def cosign_note(text: str, key: SigningKey, at: datetime) -> str:
    """A checkpoint's text with one cosignature, which states the second in which it was made.

    Raises:
        NoteInvalid: As for `sign_note`, or the time is before 1970.
    """
    _check_text(text)
    seconds = (at.astimezone(UTC) - _EPOCH) // timedelta(seconds=1)
    if seconds < 0:
        raise NoteInvalid("a cosignature before 1970")
    signature = key.private.sign(_cosigned(text, seconds))
    verifier = key.verifier(SignatureType.COSIGNATURE)
    return f"{text}\n{_signature_line(verifier, seconds.to_bytes(_TIME_BYTES, 'big') + signature)}"


def merge_notes(first: str, second: str) -> str:
    """One note with the signatures of two notes of the same text, each line once; nothing is verified.

    Raises:
        NoteInvalid: The texts differ, or a note is malformed.
    """
    text, lines = _parts(first)
    other, more = _parts(second)
    if text != other:
        raise NoteInvalid("the texts of two notes that belong together differ")
    return text + "\n" + "".join(f"{line}\n" for line in dict.fromkeys([*lines, *more]))


def open_note(note: str, trusted: Collection[VerifierKey]) -> OpenedNote:
    """Verify a note.

    Args:
        note: Text, empty line, signature lines.
        trusted: Whose signatures count; signatures of any other key are passed over, as C2SP demands.

    Raises:
        NoteInvalid: The note is malformed, a trusted key's signature is wrong, or no trusted key signed.
    """
    text, lines = _parts(note)
    known = {(key.name, key.key_id): key for key in trusted}
    found = []
    for line in lines:
        name, content = _signature_parts(line)
        key = known.get((name, content[:_ID_BYTES].hex()))
        if key is not None:
            found.append(_verified(text, key, content[_ID_BYTES:]))
    if not found:
        raise NoteInvalid("none of the trusted keys signed it")
    return OpenedNote(text, tuple(found))


def _verified(text: str, key: VerifierKey, content: bytes) -> NoteSignature:
    message, at = text.encode(), None
    if key.signs is SignatureType.COSIGNATURE:
        seconds, content = int.from_bytes(content[:_TIME_BYTES], "big"), content[_TIME_BYTES:]
        message = _cosigned(text, seconds)
        try:
            at = _EPOCH + timedelta(seconds=seconds)
        except OverflowError:
            raise NoteInvalid(f"the cosignature of {key.name} has an impossible time") from None
    if not key.has_signed(message, content):
        raise NoteInvalid(f"the signature of {key.name} is wrong")
    return NoteSignature(key, at)


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _parts(note: str) -> tuple[str, list[str]]:
    """Text and signature lines; the last empty line parts them."""
    _check_text(note)
    # `split` and not `splitlines`: only a line feed ends a line of a note, and a text may hold U+2028.
    at = note.rfind("\n\n")
    if at < 1:
        raise NoteInvalid("no empty line parts its text from its signatures")
    lines = note[at + 2 : -1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise NoteInvalid(f"more than {SIGNATURES_MAX} signatures")
    for line in lines:
        _signature_parts(line)
    return note[: at + 1], lines


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteInvalid("its last line does not end")
    if any(letter < " " and letter != "\n" for letter in text):
        raise NoteInvalid("it holds control characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NoteInvalid("it is not valid Unicode") from None


def _signature_line(verifier: VerifierKey, signature: bytes) -> str:
    content = base64.b64encode(bytes.fromhex(verifier.key_id) + signature).decode()
    return f"{_DASH}{verifier.name} {content}\n"


def _signature_parts(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    content = _from_base64(encoded)
    if not line.startswith(_DASH) or not _is_name(name) or content is None or len(content) <= _ID_BYTES:
        raise NoteInvalid("a line after its text is no signature")
    return name, content


def _is_name(name: str) -> bool:
    return bool(name) and not any(letter.isspace() or letter < " " or letter == "+" for letter in name)


def _from_base64(text: str) -> bytes | None:
    """Bytes, or None; the one way to write them counts, so that no letter of a note can change unseen."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if base64.b64encode(content).decode() == text else None


def _make_key(path: Path, name: str) -> None:
    private = Ed25519PrivateKey.generate()
    verifier = VerifierKey(name, private.public_key().public_bytes_raw())
    material = base64.b64encode(bytes([SignatureType.NOTE]) + private.private_bytes_raw()).decode()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{_KEY_FILE}.{os.getpid()}")
    descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(f"PRIVATE+KEY+{name}+{verifier.key_id}+{material}\n")
        out.flush()
        os.fsync(out.fileno())  # what this key signs must not outlive it
    with contextlib.suppress(FileExistsError):  # another process was first; its key counts
        os.link(partial, path)
    partial.unlink()


def _key_from_line(line: str) -> SigningKey:
    private, _, rest = line.strip().partition("+KEY+")
    name, _, rest = rest.partition("+")
    key_id, _, material = rest.partition("+")
    content = _from_base64(material)
    if private != "PRIVATE" or content is None or len(content) != _KEY_BYTES + 1 or content[0] != SignatureType.NOTE:
        raise KeyInvalid(f"{_KEY_FILE} is not of the form PRIVATE+KEY+name+id+base64")
    key = SigningKey(name, Ed25519PrivateKey.from_private_bytes(content[1:]))
    if key.key_id != key_id:
        raise KeyInvalid(f"the id in {_KEY_FILE} does not belong to its key")
    return key
