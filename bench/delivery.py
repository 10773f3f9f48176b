"""Journals into a real Tryton beside a bare client that only calls it, and a plan of 100,000 documents.

python -m bench.delivery --documents 600 --runs 5
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa

from bench.result import Figure, Result
from entrepot.delivery import JournalAsked, read_mapping
from entrepot.delivery.documents import PlanAsked
from entrepot.delivery.erp import Address
from entrepot.delivery.intents import IntentLog
from entrepot.delivery.lines import load_documents, write_lines
from entrepot.delivery.planning import plan_documents
from entrepot.delivery.registry import erp_named
from entrepot.delivery.running import Runner
from entrepot.engine import DuckDBEngine
from entrepot.ledger import accounts
from entrepot.store import CellLayout, State
from entrepot.testing.tryton import TrytonServer, chart_of, tryton_python
from entrepot.testing.tryton.server import DATABASE, PASSWORD, USER

_REPOSITORY = Path(__file__).parent.parent
_COMPANY = {"code": "cn", "name": "cn", "currency": "CNY"}


def _entries(engine: DuckDBEngine, orders: int, first: int) -> None:
    """Ledger entries of so many orders: two entries of two lines each, as a sale posts them."""
    lines = (
        ("paid", "platform_receivable", 1),
        ("paid", "contract_liability_unshipped", -1),
        ("shipped", "contract_liability_unshipped", 1),
        ("shipped", "revenue_goods", -1),
    )
    tables = []
    for entry, account, sign in lines:
        minor = [sign * (1_000 + 7 * (number % 9_000)) for number in range(first, first + orders)]
        texts = {
            "entry_id": [f"{number}:{entry}" for number in range(first, first + orders)],
            "order_id": [f"tmall:{number}" for number in range(first, first + orders)],
            "cause_id": [f"{number}" for number in range(first, first + orders)],
        }
        constant = {"entity_id": "cn", "book": "local", "account": account, "currency": "CNY"}
        constant |= {"functional_currency": "CNY", "fx_rate_id": "", "period": "2026-09", "fiscal_period": "FY2026-P09"}
        constant |= {"cause_kind": "order"}
        constant |= {
            "posting_rule": entry,
            "order_line_id": "",
            "channel": "tmall",
            "shop": "shop",
            "tax_code": "",
            "wallet_id": "",
            "sku_id": "",
        }
        columns = {name: pa.array(values, pa.string()) for name, values in texts.items()}
        columns |= {name: pa.array([value] * orders, pa.string()) for name, value in constant.items()}
        days = [date(2026, 9, 1 + number % 30) for number in range(first, first + orders)]
        columns |= {name: pa.array(minor, pa.int64()) for name in ("amount_minor", "functional_minor")}
        tables.append(pa.table(columns | {"accounting_date": pa.array(days, pa.date32())}))
    engine.add_arrow("ledger_entries", pa.concat_tables(tables))
    nothing = pa.array([], pa.string())
    engine.add_arrow("settlement_lines", pa.table(dict.fromkeys(("line_id", "settlement_id", "channel"), nothing)))


def _plan(folder: Path, orders: int, first: int = 0) -> tuple[IntentLog, dict[str, Path], State]:
    """Plan one document per order and day, and keep it as the product does."""
    state = State(CellLayout(folder))
    log = IntentLog(state, "erp")
    mapping = read_mapping(erp_named("tryton").accounts, "example", 0)
    asked = PlanAsked("erp", JournalAsked("2026-09", "order"), "", names_orders=True, reposts=True, plan_id="p")
    with DuckDBEngine() as engine:
        _entries(engine, orders, first)
        made = plan_documents(engine, asked, mapping, [], {})
    assert len(made.intents) == orders, "one document an order"
    assert made.lines is not None, "a plan has lines"
    write_lines(made.lines, folder / "p.parquet")
    log.add(made.intents, {})
    return log, {"p": folder / "p.parquet"}, state


def measure_posting(documents: int = 600, runs: int = 5) -> Result:
    """Seconds for documents created and posted, by us and by a bare client in calls of the same size."""
    ours: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        server = TrytonServer(tryton_python(_REPOSITORY), Path(folder) / "tryton")
        server.create()
        kinds = {each.account: (each.kind, each.name_en) for each in accounts()}
        chart = chart_of(erp_named("tryton").accounts, kinds)
        years = {"currencies": ["CNY"], "years": [2026, 2026]}
        server.set_up({"companies": [_COMPANY], "accounts": chart, **years})
        server.start()
        try:
            for turn in range(runs):
                place = Path(folder) / f"turn{turn}"
                log, files, state = _plan(place, documents, 2 * turn * documents)
                adapter = erp_named("tryton").connect(Address(server.url, DATABASE, USER, PASSWORD))
                runner = Runner(adapter, log, partial(load_documents, lines_of=files))
                started = time.perf_counter()
                while runner.run_once():
                    pass
                ours.append(time.perf_counter() - started)
                assert {each.status for each in log.documents()} == {"done"}, "everything was delivered"
                state.close()
                bare.append(_bare(server, place / "bare", documents, (2 * turn + 1) * documents))
                adapter.close()
        finally:
            server.stop()
    return Result(
        f"{documents} journals of 4 lines into Tryton: claimed, written down, created, posted",
        "the same calls of the same size, and nothing else",
        tuple(ours),
        tuple(bare),
        budget=1 / 0.9,
    )


def _bare(server: TrytonServer, folder: Path, count: int, first: int) -> float:
    """Only the calls: documents are ready, nothing is written down."""
    log, files, state = _plan(folder, count, first)
    documents = list(load_documents(log.documents(), files).values())
    state.close()
    with contextlib.closing(erp_named("tryton").connect(Address(server.url, DATABASE, USER, PASSWORD))) as adapter:
        size = adapter.spec.batch_max
        started = time.perf_counter()
        for at in range(0, count, size):
            batch = documents[at : at + size]
            made = adapter.send("create", batch, {})
            refs = {key: outcome.ref for key, outcome in made.items()}
            done = adapter.send("post", batch, refs)
            assert all(outcome.word == "applied" for outcome in done.values()), "a bare client delivers too"
        return time.perf_counter() - started


def measure_planning(documents: int = 100_000, runs: int = 5) -> Figure:
    """Seconds to plan and keep so many documents, without those that make the entries they are of."""
    spent = (planning_seconds(documents) for _ in range(runs))
    return Figure(f"{documents:,} documents planned and kept", tuple(whole - making for whole, making in spent), "s")


def planning_seconds(documents: int = 100_000) -> tuple[float, float]:
    """Seconds to plan and keep so many documents, and of that the entries made for it."""
    with tempfile.TemporaryDirectory() as folder:
        with DuckDBEngine() as engine:
            started = time.perf_counter()
            _entries(engine, documents, 0)
            making = time.perf_counter() - started
        started = time.perf_counter()
        _, _, state = _plan(Path(folder), documents)
        whole = time.perf_counter() - started
        state.close()
    return whole, making


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=600)
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args()
    measure_posting(wanted.documents, wanted.runs).say()
    whole, making = planning_seconds()
    sys.stdout.write(f"100,000 documents planned and kept: {whole:.1f} s, of which {making:.1f} s make the entries\n")
