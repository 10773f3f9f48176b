"""Reads a whole log once, from its entries up, and compares everything else with what follows from them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from entrepot_verify.files import Folder, entries_in, folder_at, path_of
from entrepot_verify.history import History
from entrepot_verify.report import Check, Report
from entrepot_verify.signatures import Note, PublicKey, Statement, VerifyError, note_from, statement_from
from entrepot_verify.tree import TILE, GrowingTree, hash_of_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["verify"]

_BYTES = 32


def verify(
    path: Path, key: PublicKey | None = None, witnesses: Sequence[PublicKey] = (), held: Iterable[Path] = ()
) -> Report:
    """Check a log's folder.

    Args:
        path: The folder, or a copy of it. A copy that was taken while an append was under way may have findings.
        key: The log's public key. Without it anybody can have written the log.
        witnesses: Public keys of those who cosigned. Without one the owner can have written the log anew.
        held: Checkpoints of this log that somebody kept, such as a witness's file `accepted`.
    """
    report, folder = Report(), folder_at(path)
    wanted: list[tuple[str, Check, Statement]] = []
    for name in folder.strangers:
        if name.startswith("tile/"):
            report.found(Check.FILES, "stranger", name)
    newest = _note(report, path / "checkpoint", "checkpoint", Check.FILES)
    if newest is None:
        return report
    note, stated = newest
    report.origin, report.size, report.root = stated.origin, stated.size, stated.root
    _signed(report, note, key, "checkpoint")
    wanted.append(("checkpoint", Check.ROOT, stated))
    wanted += _cosigned(report, folder, note, key, witnesses)
    wanted += _held(report, held, key)
    _walk(report, folder, wanted)
    return report


def _note(report: Report, path: Path, place: str, check: Check) -> tuple[Note, Statement] | None:
    try:
        note = note_from(path.read_bytes())
        return note, statement_from(note)
    except OSError:
        report.found(check, "missing", place)
    except VerifyError as error:
        report.found(check, error.problem, place)
    return None


def _signed(report: Report, note: Note, key: PublicKey | None, place: str, check: Check = Check.SIGNATURE) -> None:
    if key is None:
        report.unasked.add(Check.SIGNATURE)
    elif (verdict := note.verdict(key)) != "good":
        report.found(check, "signature_wrong" if verdict == "wrong" else "signature_missing", place)


def _cosigned(
    report: Report, folder: Folder, newest: Note, key: PublicKey | None, witnesses: Sequence[PublicKey]
) -> list[tuple[str, Check, Statement]]:
    """Check cosignatures; returns what the witnesses vouched for."""
    wanted = []
    notes = [("checkpoint", newest)]
    for path in folder.cosigned:
        place = path.relative_to(folder.path).as_posix()
        read = _note(report, path, place, Check.COSIGNATURES)
        if read is not None:
            notes.append((place, read[0]))
            _signed(report, read[0], key, place, Check.COSIGNATURES)
            wanted.append((place, Check.COSIGNATURES, read[1]))
    if not witnesses:
        report.unasked.add(Check.COSIGNATURES)
    for witness in witnesses:
        for place, note in notes:
            verdict = note.verdict(witness)
            if verdict in {"wrong", "doubtful"}:
                report.found(Check.COSIGNATURES, f"cosignature_{verdict}", place)
            elif verdict == "good":
                size = statement_from(note).size
                report.cosigned[witness.name] = max(size, report.cosigned.get(witness.name, 0))
        if witness.name not in report.cosigned:
            report.found(Check.COSIGNATURES, "cosignature_none", witness.name)
    return wanted


def _held(report: Report, held: Iterable[Path], key: PublicKey | None) -> list[tuple[str, Check, Statement]]:
    wanted, paths = [], list(held)
    for path in paths:
        read = _note(report, path, path.name, Check.HELD)
        if read is not None:
            _signed(report, read[0], key, path.name, Check.HELD)
            wanted.append((path.name, Check.HELD, read[1]))
    if not paths:
        report.unasked.add(Check.HELD)
    return wanted


def _walk(report: Report, folder: Folder, wanted: list[tuple[str, Check, Statement]]) -> None:
    """Go through all bundles, build the tree, and compare tiles and roots on the way."""
    tree, history = GrowingTree(), History(report)
    _limits(report, wanted)
    _roots(report, wanted, tree, 0, [])
    for index in range(-(-report.size // TILE)):
        width = min(TILE, report.size - index * TILE)
        leaves = _bundle(report, folder, history, index, width)
        if not leaves:
            return  # nothing after this can be placed
        _roots(report, wanted, tree, index * TILE, leaves)
        for level, tile, hashes in tree.add(leaves):
            _tile(report, folder, level, tile, hashes)
    for level, tile, hashes in tree.unfinished():
        _tile(report, folder, level, tile, hashes)
    history.finish()
    _beyond(report, folder)


def _limits(report: Report, wanted: list[tuple[str, Check, Statement]]) -> None:
    for place, check, statement in wanted:
        if statement.origin != report.origin:
            report.found(check, "another_log", place)
        if statement.size > report.size:
            report.found(check, "shorter", place)


def _roots(
    report: Report,
    wanted: list[tuple[str, Check, Statement]],
    tree: GrowingTree,
    first: int,
    leaves: list[bytes],
) -> None:
    """Compare every checkpoint whose tree ends among these leaves; without leaves, those of an empty log."""
    for place, check, statement in wanted:
        count = statement.size - first
        if (0 < count <= len(leaves) or (not leaves and count == 0)) and (
            base64.b64encode(tree.root(leaves[:count])).decode() != statement.root
        ):
            report.found(check, "root_differs", place)


def _bundle(report: Report, folder: Folder, history: History, index: int, width: int) -> list[bytes]:
    """Leaves of a bundle's entries; none when the bundle cannot be read."""
    place = ("entries", index)
    content = folder.content(place, width)
    entries = None if content is None else entries_in(content)
    if entries is None or len(entries) != width:
        report.found(Check.FILES, "missing" if content is None else "bundle_malformed", path_of(place, width))
        return []
    for other in folder.widths.get(place, set()) - {width}:
        narrower = entries_in(folder.content(place, other) or b"")
        if other < width and narrower != entries[:other]:
            report.found(Check.TILES, "tile_differs", path_of(place, other))
    for at, entry in enumerate(entries):
        history.take(index * TILE + at, entry)
    return [hash_of_entry(entry) for entry in entries]


def _tile(report: Report, folder: Folder, level: int, index: int, hashes: list[bytes]) -> None:
    """Compare a tile with what follows from the entries, and its narrower ones, which say what it was before."""
    place = (str(level), index)
    content, joined = folder.content(place, len(hashes)), b"".join(hashes)
    if content is None:
        report.found(Check.TILES, "missing", path_of(place, len(hashes)))
    elif content != joined:
        report.found(Check.TILES, "tile_differs", path_of(place, len(hashes)))
    for width in folder.widths.get(place, set()):
        if width < len(hashes) and folder.content(place, width) != joined[: width * _BYTES]:
            report.found(Check.TILES, "tile_differs", path_of(place, width))


def _beyond(report: Report, folder: Folder) -> None:
    """Tiles after the checkpoint: of an append that died, or of a checkpoint that was put back."""
    if folder.is_being_written:
        return
    for (level, index), widths in folder.widths.items():
        count = report.size if level == "entries" else report.size // TILE ** int(level)
        for width in widths:
            if index * TILE + width > count:
                report.found(Check.FILES, "beyond", path_of((level, index), width))
