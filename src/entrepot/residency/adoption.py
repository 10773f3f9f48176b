"""A version of a law that is a file of the cell holds once two people have approved its very content.

Shipped versions come with the software, whose release is approved elsewhere. An approval is an entry of the transfer
log that names the digest, so a text that is changed afterwards has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.residency.profile import own_profile
from entrepot.residency.reasons import reason_of
from entrepot.residency.transferlog import entry_bytes, entry_from_bytes

if TYPE_CHECKING:
    from datetime import date, datetime

    from entrepot.residency.door import Door
    from entrepot.residency.gate_errors import Reason
    from entrepot.residency.profile import Profile
    from entrepot.residency.transferlog import TransferLog

__all__ = ["APPROVERS", "approval_entry", "not_adopted", "roles_that_approved"]

APPROVERS = 2
"""Different roles whose approval a version needs."""

_SUBJECT = "law-version"


def approval_entry(profile: Profile, role: str, at: datetime) -> bytes:
    """That somebody approved a version."""
    return entry_bytes("approval", at, subject=_SUBJECT, hash=profile.digest, decision="approved", role=role)


def roles_that_approved(log: TransferLog, digest: str) -> set[str]:
    """Roles of the approvals of a content."""
    entries = (entry_from_bytes(each) for each in log.entries(0, log.size))
    return {
        str(each["role"])
        for each in entries
        if each["kind"] == "approval" and (each["subject"], each["hash"]) == (_SUBJECT, digest)
    }


def not_adopted(door: Door, log: TransferLog, day: date) -> tuple[Reason, ...]:
    """What stands against using the law of a day: it is a file of the cell, and fewer than two people approved it."""
    own = own_profile(door.profile, day, door.layout.profiles)
    if own is None:
        return ()
    roles = len(roles_that_approved(log, own.digest))
    if roles >= APPROVERS:
        return ()
    return (reason_of("law_not_adopted", profile=own.name, since=own.effective_from, roles=roles),)
