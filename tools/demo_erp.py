"""A month of the demo's books in a real Tryton, read back and tied out. Run by `make demo-erp`.

The sample company is made and imported as in `make demo`; a Tryton of the package registry is set up beside it with the
China cell's companies and chart; then the product's own commands plan, deliver and audit: sales as invoices, refunds as
credit notes, payments that settle both, the rest as journals; and Tryton's own client tells once more what is posted,
what customers owe and which invoices are paid.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from entrepot.assembly import open_cell
from entrepot.delivery.registry import erp_named
from entrepot.ledger import accounts
from entrepot.testing.tryton import TrytonServer, chart_of, tryton_python
from entrepot.testing.tryton.server import DATABASE, PASSWORD, USER

__all__ = ["main"]

_REPOSITORY = Path(__file__).resolve().parent.parent
_PERIOD, _ORDER_DAY, _TARGET, _VARIABLE = "2026-09", "2026-09-11", "tryton", "ENTREPOT_DEMO_TRYTON"
_SETTINGS = """
[[targets]]
name = "{target}"
erp = "tryton"
region = "{region}"
url = "{url}"
database = "{database}"
user = "{user}"
secret_env = "{variable}"
per = "day"
invoices = "day"
credit_notes = "day"
payments = "day"
order_days = [{order_day}]
fields = ["text", "product", "product_name"]
"""


def _entrepot(*words: str) -> str:
    """Run a command as a user does, and show it."""
    sys.stdout.write(f"\n$ entrepot {' '.join(words)}\n")
    sys.stdout.flush()
    command = [sys.executable, "-m", "entrepot", *words]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, env=os.environ)
    sys.stdout.write(done.stdout)
    sys.stdout.flush()
    done.check_returncode()
    return done.stdout


def _server(out: Path, home: Path) -> TrytonServer:
    """A Tryton with the companies of a cell."""
    sys.stdout.write("\nsetting up Tryton: schema, companies, charts, fiscal years …\n")
    sys.stdout.flush()
    server = TrytonServer(tryton_python(_REPOSITORY), (out / "tryton").resolve())
    server.create()
    kinds = {each.account: (each.kind, each.name_en) for each in accounts()}
    entities = open_cell(home).settings.entities
    server.set_up(
        {
            "companies": [
                {"code": each.id, "name": each.id, "currency": each.functional_currency} for each in entities
            ],
            "accounts": chart_of(erp_named("tryton").accounts, kinds),
            "currencies": ["CNY", "EUR", "HKD", "USD"],
            "years": [2026, 2026],
        }
    )
    server.start()
    return server


def _second_reader(server: TrytonServer) -> bool:
    """What Tryton's own client tells: debits and credits of each company, and invoices with what settles them.

    Returns:
        Whether every invoice and credit note is paid and no line of a customer is open.
    """
    told = server.told()
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for company, month, _, debit, credit, _ in told["balances"]:
        if month == _PERIOD:
            sums[company][0] += Decimal(debit)
            sums[company][1] += Decimal(credit)
    sys.stdout.write("\nwhat Tryton's own client says is posted\n")
    for company, sides in sorted(sums.items()):
        sys.stdout.write(f"{company}: debit {sides[0]:,.2f} = credit {sides[1]:,.2f}\n")
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(told["invoices"].items()))
    sys.stdout.write(f"invoices and credit notes: {states}\n")
    for company, party, debit, credit in told["owed"]:
        sys.stdout.write(f"{company}: {party} has open lines, debit {debit}, credit {credit}\n")
    sys.stdout.write(f"customers with open lines: {len(told['owed'])}\n")
    return set(told["invoices"]) == {"paid"} and not told["owed"]


def main() -> None:
    """Make the company, deliver its month, tie it out; leave with 1 when anything differs."""
    parser = argparse.ArgumentParser(description="A month of the demo's books in a real Tryton.")
    parser.add_argument("--out", type=Path, default=Path("demo-erp"))
    parser.add_argument("--orders", type=int, default=21_000)
    asked = parser.parse_args()
    started = time.monotonic()
    home = asked.out / "cells" / "cn"
    shutil.rmtree(asked.out / "tryton", ignore_errors=True)
    sys.stdout.write("making the sample company and its cells, as `make demo` shows …\n")
    sys.stdout.flush()
    demo = [sys.executable, "-m", "entrepot", "demo", "--out", str(asked.out), "--orders", str(asked.orders)]
    subprocess.run(demo, check=True, capture_output=True)
    os.environ[_VARIABLE] = PASSWORD
    server = _server(asked.out, home)
    try:
        region = open_cell(home).settings.cell.region
        words = {"target": _TARGET, "region": region, "url": server.url, "database": DATABASE, "user": USER}
        with (home / "cell.toml").open("a", encoding="utf-8") as settings:
            settings.write(_SETTINGS.format(**words, variable=_VARIABLE, order_day=_ORDER_DAY))
        at_home = ("--home", str(home))
        # The demo's Tryton was set up with the accounts of the example, so the example is its mapping.
        mapping = home / "mappings" / f"{_TARGET}.csv"
        mapping.parent.mkdir(exist_ok=True)
        mapping.write_text(_quiet("deliver", "mapping", "--erp", "tryton"), encoding="utf-8")
        _entrepot("deliver", "plan", _TARGET, "--period", _PERIOD, *at_home)
        _entrepot("deliver", "run", _TARGET, *at_home)
        # The audit leaves with 1, and so does this, when anything differs.
        audited = _entrepot("deliver", "audit", _TARGET, "--period", _PERIOD, *at_home)
        is_settled = _second_reader(server)
    finally:
        server.stop()
    sys.stdout.write(f"\ntook {time.monotonic() - started:.0f} s\n")
    sys.exit(0 if " payments" in audited and is_settled else 1)


def _quiet(*words: str) -> str:
    command = [sys.executable, "-m", "entrepot", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ).stdout


if __name__ == "__main__":
    main()
