"""Start a Tryton of one's own on this machine: a database in a folder, a server on a free port, both gone afterwards.

The schema takes the server most of a minute to make, so it is made once into a template and copied. Real parts: what is
tested against it is tested against trytond itself, on SQLite. SQLite lets one transaction write at a time, so what this
does not prove is how two calls race inside one PostgreSQL database.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.testing.processes import end, free_port, wait_until_it_answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["DATABASE", "PASSWORD", "TrytonServer", "chart_of", "tryton_python"]

DATABASE, USER, PASSWORD = "books", "admin", "entrepot"  # a server on loopback that lives for minutes
MODULES = ("account", "account_invoice", "sale")
_CONF = """[database]
uri = sqlite://
path = {folder}

[web]
listen = 127.0.0.1:{port}
"""


_OF_MAPPINGS = {"customer_clearing": ("receivable", "Customers")}
"""Accounts that mappings have beside those of the ledger."""


def tryton_python(repository: Path) -> Path:
    """The interpreter of the environment with Tryton, which `make` puts beside the repository's other ones."""
    named = os.environ.get("ENTREPOT_TRYTON_PYTHON")
    return Path(named) if named else repository / ".venv-tryton" / "bin" / "python"


def chart_of(mapping: str, kinds: dict[str, tuple[str, str]]) -> list[dict[str, str]]:
    """The accounts that a mapping names, as a chart.

    Args:
        mapping: An account mapping as CSV.
        kinds: Our account to its kind and name.
    """
    chart: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(mapping)):
        ours = row["ours"].split("/")[0]
        if row["kind"] == "account":
            kind, name = (kinds | _OF_MAPPINGS)[ours]
            chart.setdefault(row["theirs"], {"code": row["theirs"], "name": name, "kind": kind})
    return list(chart.values())


class TrytonServer:
    """A server over a database in a folder.

    Args:
        python: Interpreter of the environment with Tryton.
        folder: Where configuration, database and log are.
    """

    def __init__(self, python: Path, folder: Path) -> None:
        self._python, self.folder = python, folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """The file with everything in it."""
        return self.folder / f"{DATABASE}.sqlite"

    def create(self, template: Path | None = None) -> None:
        """Make an empty database with the modules, or copy one that was made before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._configure()
        if template is not None and template.exists():
            shutil.copyfile(template, self.database)
            return
        self.database.touch()
        password = self.folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        modules = [word for name in MODULES for word in ("-u", name)]
        script = str(self._python.parent / "trytond-admin")
        admin = [str(self._python), script, "-c", str(self._conf), "-d", DATABASE]
        self._call([*admin, "--email", "nobody@example.com", "-p", "--all", *modules, "--activate-dependencies"])
        password.unlink()
        if template is not None:
            unfinished = template.with_suffix(f".{os.getpid()}")
            shutil.copyfile(self.database, unfinished)
            unfinished.replace(template)

    def set_up(self, group: Mapping[str, Any]) -> None:
        """Make companies, charts and fiscal years; see `set_up.py` for the group."""
        script = Path(__file__).with_name("set_up.py")
        self._call([str(self._python), str(script), str(self._conf), DATABASE], json.dumps(group))

    def keep(self, copy: Path) -> None:
        """A copy of the database as it is, also while the server runs."""
        with (
            contextlib.closing(sqlite3.connect(self.database)) as here,
            contextlib.closing(sqlite3.connect(copy)) as there,
        ):
            here.backup(there)

    def beside(self, folder: Path, copy: Path) -> TrytonServer:
        """Another server, over a copy of its own of a database that was kept."""
        other = TrytonServer(self._python, folder)
        other.create(copy)
        return other

    def told(self) -> dict[str, Any]:
        """What Tryton's own client says that it holds; see `read_back.py`."""
        script = Path(__file__).with_name("read_back.py")
        found: dict[str, Any] = json.loads(self._call([str(self._python), str(script), str(self._conf), DATABASE]))
        return found

    def balances(self) -> list[tuple[str, str, str, str, str, int]]:
        """Of what it holds, what is posted: company, month, account, debit, credit, lines."""
        return [tuple(row) for row in self.told()["balances"]]

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._configure()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 commands of ours
                [str(self._python), str(self._python.parent / "trytond"), "-c", str(self._conf), "-d", DATABASE],
                stdout=log,
                stderr=log,
                env=self._environment(),
            )
        wait_until_it_answers(self._process, f"{self.url}/", self.folder / "log")

    def stop(self) -> None:
        """End the server."""
        if self._process is not None:
            end(self._process)
            self._process = None

    @property
    def _conf(self) -> Path:
        return self.folder / "trytond.conf"

    def _configure(self) -> None:
        self.port = self.port or free_port()
        self._conf.write_text(_CONF.format(folder=self.folder, port=self.port), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        own = {"TRYTOND_CONFIG": str(self._conf), "TRYTONPASSFILE": str(self.folder / "password")}
        return {**os.environ, **own}

    def _call(self, command: Sequence[str], text: str = "") -> str:
        done = subprocess.run(  # noqa: S603 commands of ours
            command, input=text, capture_output=True, text=True, check=False, env=self._environment(), cwd=self.folder
        )
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr[-2000:]}")
        return done.stdout
