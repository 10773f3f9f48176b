"""The sample companies that several rooms' tests look at: each is written and imported once for all workers."""

from __future__ import annotations

import fcntl
import os
import pickle
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from entrepot.connectors import registry
from entrepot.ledger import derivation
from entrepot.testing.sample_company import ImportedCompany, SampleCompany, import_company, with_office, write_company
from tests.second_engine import SecondEngine

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = (7, 11, 23)
_REMOVED = "ENTREPOT_TEST_REMOVED"
_MEMORY = Path("/dev/shm")
_PLENTY = 12 * 1024**3
ORDERS = 2_500
FEW_ORDERS = 200
_FEW_SEED = 5


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests write in memory, where there is plenty, and remember what runs on the second engine."""
    config.pluginmanager.register(SecondEngine(config))
    _write_into_memory()
    _take_out()


def _write_into_memory() -> None:
    """A third of the time of imports and syncs is waiting for a disk to say that it has written; no test looks at that."""
    if "TMPDIR" in os.environ or not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return
    told = re.search(r"MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"))
    available = int(told[1]) * 1024 if told else 0
    if min(available, shutil.disk_usage(_MEMORY).free) > _PLENTY:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None


def _take_out() -> None:
    """Run without a posting rule or a row of a code list, where tests/proof/removals.py asks for it."""
    place = os.environ.get(_REMOVED)
    if not place:
        return
    kind, name, *line = place.split("/")
    if kind == "rule":
        derivation.RULES = tuple(rule for rule in derivation.RULES if rule != name)
        return
    connector = next(each for each in registry.CONNECTORS if each.spec.name == kind)
    lines = connector.mapping_files[name].splitlines(keepends=True)
    del lines[int(line[0]) - 1]
    # The files of a mapping are read once and kept on the connector; this is what was kept.
    cast("dict[str, str]", connector.mapping_files)[name] = "".join(lines)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run see."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def company_of(shared_folder: Path) -> Callable[[int], ImportedCompany]:
    """The imported company of a seed; whoever asks first imports it, the others wait."""
    opened: dict[int, ImportedCompany] = {}

    def company(seed: int) -> ImportedCompany:
        if seed not in opened:
            opened[seed] = _imported_once(shared_folder / f"company-{seed}", seed)
        return opened[seed]

    return company


def _imported_once(folder: Path, seed: int, orders: int = ORDERS) -> ImportedCompany:
    folder.mkdir(exist_ok=True)
    kept = folder / "report.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        company = write_company(folder / "company", seed, orders)
        if not kept.exists():
            made = import_company(company, folder / "home")
            kept.write_bytes(pickle.dumps(made.report))
            return made
    return ImportedCompany(company, company.new_cell(folder / "home"), pickle.loads(kept.read_bytes()))


@pytest.fixture(scope="session", params=SEEDS, ids=lambda seed: f"seed{seed}")
def imported(request: pytest.FixtureRequest, company_of: Callable[[int], ImportedCompany]) -> ImportedCompany:
    """Each of the three companies in turn."""
    return company_of(request.param)


@pytest.fixture(scope="session", params=SEEDS, ids=lambda seed: f"seed{seed}")
def office(
    request: pytest.FixtureRequest,
    company_of: Callable[[int], ImportedCompany],
    tmp_path_factory: pytest.TempPathFactory,
) -> ImportedCompany:
    """Each of them with bank statements, stock lists, invoices and seller-centre figures."""
    return with_office(company_of(request.param), tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="session")
def one_imported(company_of: Callable[[int], ImportedCompany]) -> ImportedCompany:
    """One company, where one is enough."""
    return company_of(SEEDS[0])


@pytest.fixture(scope="session")
def small_imported(shared_folder: Path) -> ImportedCompany:
    """The company with few orders, imported once for all workers; who writes into its folder takes a copy."""
    return _imported_once(shared_folder / "small", _FEW_SEED, FEW_ORDERS)


@pytest.fixture(scope="module")
def small_home(small_imported: ImportedCompany, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of that company's folder, for tests that write into it."""
    home = tmp_path_factory.mktemp("copied") / "company"
    shutil.copytree(small_imported.parts.layout.home, home)
    return home


@pytest.fixture(scope="session")
def small_company(tmp_path_factory: pytest.TempPathFactory) -> SampleCompany:
    """A company with few orders, for tests that import again and again."""
    return write_company(tmp_path_factory.mktemp("small"), _FEW_SEED, FEW_ORDERS)
