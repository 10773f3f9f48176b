"""Signed notes, cosignatures and checkpoints, read from the specifications once more.

Source: c2sp.org/signed-note, c2sp.org/tlog-cosignature, c2sp.org/tlog-checkpoint, read 2026-11.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ["Note", "PublicKey", "Statement", "VerifyError", "note_from", "public_key", "statement_from"]

NOTE, COSIGNATURE = 1, 4
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_STATEMENT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")
_FIELD_BYTES = 8


class VerifyError(Exception):
    """A note, a checkpoint or a key that cannot be read; `problem` is a word of `words.PROBLEMS`."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Whose signatures count."""

    name: str
    kind: int
    material: bytes

    @property
    def identity(self) -> bytes:
        """Four bytes that stand before each of its signatures."""
        return hashlib.sha256(b"%s\n%c%s" % (self.name.encode(), self.kind, self.material)).digest()[:4]


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, each as name and bytes."""

    text: str
    lines: tuple[tuple[str, bytes], ...]

    def verdict(self, key: PublicKey) -> str:
        """`good`; `wrong` when any line of the key does not verify; `doubtful` when only a name or id fits; `none`."""
        own = [content for name, content in self.lines if name == key.name and content[:4] == key.identity]
        if own:
            return "good" if all(_is_good(key, self.text, content[4:]) for content in own) else "wrong"
        # Another key may share the name, and a forger may share the id: neither is a signature, both are worth a look.
        if any(content[:4] == key.identity for _, content in self.lines):
            return "doubtful"
        return "doubtful" if any(name == key.name for name, _ in self.lines) else "none"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says."""

    origin: str
    size: int
    root: str


def public_key(text: str) -> PublicKey:
    """Read `name+id+base64`.

    Raises:
        VerifyError: It is no such key.
    """
    parts = text.strip().split("+", 2)
    content = _decoded(parts[-1])
    if len(parts) != 3 or not parts[0] or content is None or len(content) != 33:  # noqa: PLR2004 three parts, 1 + 32 bytes
        raise VerifyError("key_malformed")
    key = PublicKey(parts[0], content[0], content[1:])
    if key.kind not in {NOTE, COSIGNATURE} or key.identity.hex() != parts[1]:
        raise VerifyError("key_malformed")
    return key


def note_from(content: bytes) -> Note:
    """Split a note.

    Raises:
        VerifyError: It is malformed.
    """
    try:
        whole = content.decode()
    except UnicodeDecodeError:
        raise VerifyError("note_malformed") from None
    text, blank, rest = whole.rpartition("\n\n")
    if not blank or not rest.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        raise VerifyError("note_malformed")
    lines = []
    for line in rest[:-1].split("\n"):
        match = _SIGNATURE.fullmatch(line)
        signature = _decoded(match[2]) if match else None
        if match is None or signature is None or len(signature) <= 4:  # noqa: PLR2004 the bytes of the id
            raise VerifyError("note_malformed")
        lines.append((match[1], signature))
    return Note(text + "\n", tuple(lines))


def statement_from(note: Note) -> Statement:
    """Read what a checkpoint says.

    Raises:
        VerifyError: The note is no checkpoint.
    """
    match = _STATEMENT.fullmatch(note.text)
    if match is None or _decoded(match[3]) is None:
        raise VerifyError("checkpoint_malformed")
    return Statement(match[1], int(match[2]), match[3])


def _is_good(key: PublicKey, text: str, signature: bytes) -> bool:
    message = text.encode()
    if key.kind == COSIGNATURE:
        stamp, signature = int.from_bytes(signature[:_FIELD_BYTES], "big"), signature[_FIELD_BYTES:]
        message = b"cosignature/v1\ntime %d\n%s" % (stamp, message)
    try:
        Ed25519PublicKey.from_public_bytes(key.material).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _decoded(text: str) -> bytes | None:
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return content if base64.b64encode(content) == text.encode() else None
