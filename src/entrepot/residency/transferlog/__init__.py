"""The log of what crossed the border: a Merkle tree in plain files, with checkpoints that the other cell cosigns.

Formats: docs/reference/transfer-log.md. `entrepot-verify` reads the same files with code of its own.
"""

from entrepot.residency.transferlog.checkpoint import Checkpoint, checkpoint_from_text
from entrepot.residency.transferlog.commitments import Commitment, Commitments
from entrepot.residency.transferlog.entries import canonical_json, entry_bytes, entry_from_bytes
from entrepot.residency.transferlog.exchange import (
    Uncosigned,
    answer_requests,
    take_cosignatures,
    uncosigned_since,
    write_request,
)
from entrepot.residency.transferlog.log import TransferLog
from entrepot.residency.transferlog.pending import open_transfers
from entrepot.residency.transferlog.witness import Witness

__all__ = [
    "Checkpoint",
    "Commitment",
    "Commitments",
    "TransferLog",
    "Uncosigned",
    "Witness",
    "answer_requests",
    "canonical_json",
    "checkpoint_from_text",
    "entry_bytes",
    "entry_from_bytes",
    "open_transfers",
    "take_cosignatures",
    "uncosigned_since",
    "write_request",
]
