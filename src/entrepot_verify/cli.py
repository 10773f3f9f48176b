"""The command `entrepot-verify`."""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot_verify.report import FINDINGS_MAX, Check, Report
from entrepot_verify.signatures import COSIGNATURE, NOTE, PublicKey, VerifyError, public_key
from entrepot_verify.verification import verify
from entrepot_verify.words import CHECKS, LANGUAGES, PROBLEMS, SAYINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PROGRAM", "main"]

PROGRAM = "entrepot-verify"

WHOLE, FINDINGS, USAGE = 0, 1, 2
_SHOWN_MAX = 20
_EXAMPLE = """\
example:
  entrepot-verify border/transfers --key "$(cat cn.vkey)" --witness "$(cat eu.vkey)" --held accepted

exit codes: 0 the log is whole, 1 there are findings, 2 wrong usage
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, print, return the exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        key = _key(chosen.key, NOTE) if chosen.key else None
        witnesses = [_key(text, COSIGNATURE) for text in chosen.witness]
    except VerifyError as error:
        parser.error(PROBLEMS[error.problem][chosen.lang])
    if not (chosen.path / "checkpoint").exists() and not (chosen.path / "tile").exists():
        parser.error(SAYINGS["no_log"][chosen.lang].format(path=chosen.path))
    report = verify(chosen.path, key, witnesses, chosen.held)
    lines = (
        [json.dumps(_as_json(report, chosen.lang), ensure_ascii=False)] if chosen.json else _table(report, chosen.lang)
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return WHOLE if report.is_whole else FINDINGS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Check the folder of a transfer log offline: tree, signatures, entries and what they promise.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="the log's folder or a copy of it")
    parser.add_argument("--key", metavar="VKEY", help="public key of the log, name+id+base64")
    parser.add_argument(
        "--witness", metavar="VKEY", action="append", default=[], help="public key of a witness; may be given again"
    )
    parser.add_argument(
        "--held", metavar="FILE", type=Path, action="append", default=[], help="a checkpoint that somebody kept"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the table")
    return parser


def _key(text: str, kind: int) -> PublicKey:
    """A public key, in the kind of its signatures that is wanted here: its owner may hand out either text."""
    key = public_key(text)
    return PublicKey(key.name, kind, key.material)


def _as_json(report: Report, lang: str) -> dict[str, object]:
    return {
        "whole": report.is_whole,
        "origin": report.origin,
        "size": report.size,
        "root": report.root,
        "last_at": report.last_at or None,
        "cosigned": report.cosigned,
        "checks": {check: {"state": report.state(check), "findings": report.counts[check]} for check in Check},
        "findings": [
            {
                "check": finding.check,
                "problem": finding.problem,
                "place": finding.place,
                "message": PROBLEMS[finding.problem][lang],
            }
            for finding in report.findings
        ],
        "findings_kept_per_check": FINDINGS_MAX,
    }


def _table(report: Report, lang: str) -> list[str]:
    said = {name: words[lang] for name, words in SAYINGS.items()}
    rows = [(said["log"], report.origin), (said["entries"], f"{report.size:,}"), (said["last"], report.last_at or "-")]
    rows += [
        (said["cosigned"].format(name=name), said["upto"].format(count=f"{size:,}"))
        for name, size in report.cosigned.items()
    ]
    rows.append(("", ""))
    rows += [(CHECKS[check][lang], said[report.state(check)].format(count=report.counts[check])) for check in Check]
    width = max(_width(left) for left, _ in rows) + 2
    lines = [f"{left}{' ' * (width - _width(left))}{right}".rstrip() for left, right in rows]
    lines += ["", *_findings(report, lang)]
    lines.append(said["is_whole" if report.is_whole else "is_not"])
    if {Check.SIGNATURE, Check.COSIGNATURES} & report.unasked:
        lines.append(said["unsigned"])
    return lines


def _findings(report: Report, lang: str) -> list[str]:
    lines = []
    for check in Check:
        own = [finding for finding in report.findings if finding.check is check][:_SHOWN_MAX]
        lines += [f"{finding.place}: {PROBLEMS[finding.problem][lang]}" for finding in own]
        if report.counts[check] > len(own):
            lines.append(SAYINGS["more"][lang].format(count=report.counts[check] - len(own)))
    return [*lines, ""] if lines else []


def _width(text: str) -> int:
    """Columns on a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
