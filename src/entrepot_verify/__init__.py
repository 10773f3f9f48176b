"""Checks a transfer log offline: `entrepot-verify PATH`.

An auditor runs this against a copy of a log's folder. It shares no line with the programme that wrote the log and needs
Python and `cryptography` only. What the log's format is: docs/reference/transfer-log.md.
"""

from entrepot_verify.report import Check, Finding, Report
from entrepot_verify.signatures import PublicKey, VerifyError, public_key
from entrepot_verify.verification import verify

__all__ = ["Check", "Finding", "PublicKey", "Report", "VerifyError", "public_key", "verify"]
