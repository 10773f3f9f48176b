"""Remove each row of each code list and each posting rule, one at a time: something that is held must break.

    python -m tests.proof.removals [--connector tmall] [--sample 40 --seed 7] [--rules]

A removal that changes what the titled cases of its connector give is noticed, for the cases say what they give. Where it
changes nothing there, the connector's own tests are run without the row, those that need parameters too: one must fail.
The last result is written to docs/reference/removals.md by `make removals`.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.connectors.registry import CONNECTORS
from entrepot.engine import DuckDBEngine
from entrepot.ledger.derivation import RULES
from entrepot.residency import person_pads
from entrepot.store.tables import table_hash
from tests.proof.titled_cases import relations, titled_answers, titled_batches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from entrepot.connectors.contract import Connector
    from entrepot.connectors.translation import Batch

REMOVED = "ENTREPOT_TEST_REMOVED"
"""Environment variable: `rule/<name>`, or `<connector>/<code list>/<line of the file, from 2>`."""

_OF_A_RUN = ("mapping_version",)
_PAGE = Path("docs/reference/removals.md")
_RULES = "posting rules"
Counts = tuple[int, int, int, int]
"""Rows, noticed by titled cases, noticed by another test, unnoticed."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a code list.

    Attributes:
        connector: Whose.
        file: The list's file.
        line: Its line, from 2.
        text: What it says.
    """

    connector: str
    file: str
    line: int
    text: str

    @property
    def place(self) -> str:
        """As `REMOVED` names it."""
        return f"{self.connector}/{self.file}/{self.line}"


def code_list_rows(connectors: Sequence[Connector] = CONNECTORS) -> list[Row]:
    """Every row of every code list."""
    return [
        Row(connector.spec.name, file, number, line)
        for connector in connectors
        for file, text in connector.mapping_files.items()
        if file.endswith(".csv")
        for number, line in enumerate(text.splitlines()[1:], start=2)
        if line.strip()
    ]


def without(files: Mapping[str, str], file: str, line: int) -> dict[str, str]:
    """The files of a mapping without one line of one of them."""
    lines = files[file].splitlines(keepends=True)
    return {**files, file: "".join(lines[: line - 1] + lines[line:])}


def unnoticed_by_cases(batches: Sequence[Batch], rows: Sequence[Row], home: Path) -> list[Row]:
    """Rows whose removal leaves everything that the titled cases give as it is."""
    pads, left = person_pads(home / "keys"), list(rows)
    for batch in batches:
        mine = [row for row in left if row.connector == batch.connector.spec.name]
        whole = _digests(batch, pads) if mine else {}
        assert "broken" not in whole, f"the cases of {batch.connector.spec.name} are translated together"
        for row in mine:
            files = without(batch.connector.mapping_files, row.file, row.line)
            if _digests(replace(batch, connector=replace(batch.connector, texts=files)), pads) != whole:
                left.remove(row)
    return left


def _digests(batch: Batch, pads: pa.Table) -> dict[str, str]:
    with DuckDBEngine(threads=1) as engine:
        try:
            found = relations(engine, batch, pads)
        except Exception as error:  # noqa: BLE001 a mapping that breaks is one that is noticed, however it breaks
            return {"broken": type(error).__name__}
        return {name: table_hash(rows, _OF_A_RUN) for name, rows in found.items()}


def unnoticed_by_tests(place: str, paths: Sequence[str]) -> bool:
    """Whether the tests of these paths pass although something was removed."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", *paths],
        env={**os.environ, REMOVED: place},
        capture_output=True,
        check=False,
    )
    # 5: no test bears the name.
    return run.returncode in (0, 5)


def _is_unnoticed(row: Row) -> bool:
    """Whether the connector's tests pass without the row: first those that bear its name, then all."""
    folder = f"tests/connectors/{row.connector}"
    named = re.sub(r"\W", " ", row.text.split(",")[0]).split()
    return all(unnoticed_by_tests(row.place, [folder, *more]) for more in ([["-k", named[0]]] if named else []) + [[]])


def main(arguments: Sequence[str] | None = None) -> int:
    """Remove, look, and say what nobody noticed; 1 where something was not noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.removals")
    parser.add_argument("--connector", help="only this one's code lists")
    parser.add_argument("--sample", type=int, default=0, help="only so many rows; 0 for all")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rules", action="store_true", help="only the posting rules")
    parser.add_argument("--page", action="store_true", help=f"write {_PAGE}")
    chosen = parser.parse_args(arguments)
    rows = [] if chosen.rules else [row for row in code_list_rows() if chosen.connector in (None, row.connector)]
    if chosen.sample:
        rows = random.Random(chosen.seed).sample(rows, min(chosen.sample, len(rows)))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        quiet = unnoticed_by_cases([*titled_batches(home), *titled_answers(home)], rows, home)
    print(f"{len(rows)} rows of code lists removed; {len(rows) - len(quiet)} noticed by titled cases")
    left = [row for row in quiet if _is_unnoticed(row)]
    for row in left:
        print(f"unnoticed: {row.place}: {row.text}")
    rules = list(RULES) if chosen.rules or not (chosen.connector or chosen.sample) else []
    ledger = ["tests/ledger/test_journals.py", "tests/ledger/test_rare_orders.py", "tests/ledger/test_posting_rules.py"]
    ledger += ["tests/ledger/test_banked.py", "tests/ledger/test_invoiced.py"]
    kept = [rule for rule in rules if unnoticed_by_tests(f"rule/{rule}", ledger)]
    for rule in kept:
        print(f"unnoticed: posting rule {rule}")
    print(f"{len(rules)} posting rules removed, {len(kept)} unnoticed; {len(left)} rows unnoticed")
    if chosen.page:
        found = {name: _counts(name, rows, quiet, left) for name in sorted({row.connector for row in rows})}
        if rules:
            found[_RULES] = (len(rules), 0, len(rules) - len(kept), len(kept))
        known = _PAGE.read_text(encoding="utf-8") if _PAGE.exists() else ""
        _PAGE.write_text(page(known, found), encoding="utf-8")
    return 1 if left or kept else 0


def _counts(name: str, *groups: Sequence[Row]) -> Counts:
    rows, quiet, left = (sum(row.connector == name for row in group) for group in groups)
    return rows, rows - quiet, quiet - left, left


def page(known: str, found: Mapping[str, Counts]) -> str:
    """The page with new lines for what was looked at; lines of other pieces stay as they are."""
    lines = {match[1]: match[0] for match in re.finditer(r"^\| (\S[^|]*?) \| [0-9].*$", known, re.MULTILINE)}
    for name, counts in found.items():
        lines[name] = f"| {name} | " + " | ".join(f"{count:,}" for count in counts) + " |"
    # Posting rules stand last.
    table = "\n".join(lines[name] for name in sorted(lines, key=lambda name: (name == _RULES, name)))
    return (
        "# What happens when a row is removed\n\n"
        "`make removals` takes every row of every code list and every posting rule out, one at a time, and looks whether\n"
        "something that is held breaks: the rows that titled cases give, or a test of the connector or of the ledger. With\n"
        "`--connector` or `--rules` it does so piece by piece; the table has the last result of each.\n\n"
        "| removed from | rows | noticed by what titled cases give | noticed by another test | unnoticed |\n"
        "| --- | --- | --- | --- | --- |\n"
        f"{table}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
