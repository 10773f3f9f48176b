"""What goes wrong at the border: signed notes, the transfer log and its witness.

No message holds a value of an entry: what is at fault is named by its place.
"""

from __future__ import annotations

from entrepot.errors import Invalid, Refused


class NoteInvalid(Invalid):
    """A signed note that is malformed, falsely signed, or signed by nobody we trust."""

    code = "border.note_invalid"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the signed note cannot be trusted: {self.problem}"


class KeyInvalid(Invalid):
    """A key for signing or verifying that cannot be used."""

    code = "border.key_invalid"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the key cannot be used: {self.problem}"


class EntryRefused(Refused):
    """An entry of the transfer log whose facts are not those that its kind may have; nothing was written."""

    code = "border.entry_refused"

    def __init__(self, kind: str, fact: str, problem: str) -> None:
        super().__init__(kind, fact, problem)
        self.kind, self.fact, self.problem = kind, fact, problem

    def __str__(self) -> str:
        return f"an entry `{self.kind}` of the transfer log: {self.fact} {self.problem}"


class LogDamaged(Invalid):
    """The files of a transfer log do not agree with its checkpoint."""

    code = "border.log_damaged"

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(place, problem)
        self.place, self.problem = place, problem

    def __str__(self) -> str:
        return (
            f"the transfer log is damaged at {self.place}: {self.problem}; nothing crosses until `entrepot-verify` "
            "finds it whole again: bring back the folder's copy"
        )


class ProofRefused(Refused):
    """A proof or entries were asked for that a log of this size cannot give."""

    code = "border.proof_refused"

    def __init__(self, asked: str, size: int) -> None:
        super().__init__(asked, size)
        self.asked, self.size = asked, size

    def __str__(self) -> str:
        return f"the transfer log has {self.size} entries and cannot show {self.asked}"


class CheckpointRefused(Refused):
    """A witness does not cosign a checkpoint; what it accepted before still stands."""

    code = "border.checkpoint_refused"

    def __init__(self, origin: str, problem: str) -> None:
        super().__init__(origin, problem)
        self.origin, self.problem = origin, problem

    def __str__(self) -> str:
        return f"the checkpoint of {self.origin} is not cosigned: {self.problem}"


class OriginUnknown(CheckpointRefused):
    """The checkpoint is another log's."""

    code = "border.origin_unknown"


class LogKeyUnknown(CheckpointRefused):
    """The checkpoint is not signed by the key of the log."""

    code = "border.log_key_unknown"


class LogShrunk(CheckpointRefused):
    """The checkpoint has fewer entries than one that was accepted before."""

    code = "border.log_shrunk"


class LogForked(CheckpointRefused):
    """The checkpoint is no continuation of the one that was accepted before."""

    code = "border.log_forked"


class ProofMissing(CheckpointRefused):
    """The log grew and no proof came with it."""

    code = "border.proof_missing"


class ProofWrong(CheckpointRefused):
    """The proof that came with a checkpoint does not show that the log only grew."""

    code = "border.proof_wrong"


class SaltErased(Refused):
    """The salt of a commitment is gone, so nothing can be compared with it."""

    code = "border.salt_erased"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id

    def __str__(self) -> str:
        return f"the salt {self.key_id} is not there; what was sent under it cannot be shown any more"
