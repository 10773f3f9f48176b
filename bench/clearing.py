"""Orders through a permit that counts persons: the whole gateway beside a bare projection with HMAC into Parquet.

    python -m bench.clearing --orders 1000000 --runs 3

Both read the same Parquet files and write the same columns, one file a month; the tokens have to be equal before any
time counts. Ours also sorts, inspects, counts every person durably, writes the log, seals and hands over. The persons
meter is measured apart as well, for its budget is its own.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

from bench.files import FilesOnly, columns_of
from bench.result import Result
from entrepot.engine import DuckDBEngine
from entrepot.residency.door import BorderPaths, Companion, Door
from entrepot.residency.envelope import opened
from entrepot.residency.gateway import Gateway
from entrepot.residency.keys import cell_key
from entrepot.residency.notes import signing_key
from entrepot.residency.permits.terms import Circumstances, Permit, Recipient, permit_text
from entrepot.residency.projecting import Declared
from entrepot.residency.tokens import token_keys
from entrepot.store import CellLayout

if TYPE_CHECKING:
    from entrepot.residency.transfer_steps import Cleared

_MONTHS = 12
_KINDS = (
    *("important_data_determination", "impact_assessment", "notice"),
    *("legal_basis", "separate_consent", "recipient_conditions"),
    *("standard_contract", "security_assessment"),
)
_ORDERS = """
    select 'tmall:' || n as order_key, 'tmall' as channel,
        '2025-' || lpad(cast(n % 12 + 1 as varchar), 2, '0') as month, 'shop' as shop, cast(n as varchar) as order_id,
        'sale' as order_kind, 'captured' as payment_state,
        'completed_by_buyer' as commercial_state, 'delivered' as fulfilment_state,
        timestamptz '2025-01-01 04:00:00+00' + to_days(cast(n % 365 as integer)) as placed_at,
        timestamptz '2025-01-01 04:10:00+00' + to_days(cast(n % 365 as integer)) as paid_at,
        timestamptz '2025-01-02 04:00:00+00' + to_days(cast(n % 365 as integer)) as shipped_at, 'CNY' as currency,
        sha256('buyer' || n) as buyer_key, 'r' as raw_id, 'test' as source, 'v' as version, 'm' as mapping_version,
        true as is_current
    from range({orders}) as t(n)
"""
_POSITIONS = """
    select 'tmall:' || n as order_key, 'tmall' as channel, 'shop' as shop, cast(n as varchar) as order_id,
        'main' as entity_id, 'domestic_pop' as sale_model, 'CNY' as currency, 10000 + n % 977 as goods_minor,
        800 as shipping_minor, 0 as tax_minor, n % 89 as discount_merchant_minor, 0 as discount_platform_minor,
        0 as discount_other_minor, 0 as tender_minor, 10800 + n % 977 - n % 89 as paid_minor, 0 as third_party_minor,
        0 as tax_kept_minor, 0 as refunded_before_minor, 0 as refunded_after_minor, 0 as refunded_minor,
        0 as expected_minor
    from range({orders}) as t(n)
"""
_PIECES = """
    select 'tmall:' || n as order_key, 'tmall' as channel, 'shop' as shop, 1 as piece_no, 'line' as kind,
        'l1' as line_id, 'SKU-' || n % 500 as sku_id, 1 as quantity, 'CNY' as currency, 10000 + n % 977 as goods_minor,
        n % 89 as discount_merchant_minor, 10000 + n % 977 - n % 89 as gross_minor, 1300 as vat_rate_bp,
        1100 as vat_minor, 0 as refund_minor, 3000 as cost_minor, 'CNY' as cost_currency, true as has_cost
    from range({orders}) as t(n)
"""
_ARTICLES = """
    select 'SKU-' || n as sku_id, 'article' as name, 'none' as sensitivity, 'r' as raw_id, 'test' as source,
        'v' as version, 'm' as mapping_version, true as is_current
    from range(500) as t(n)
"""
_TOKEN = "k.{0}_name || sha256(encode(k.{0}_outer) || unhex(sha256(k.{0}_inner || {1})))"


def _generate(folder: Path, orders: int) -> None:
    database = duckdb.connect()
    for name, text in (
        *(("orders", _ORDERS), ("order_positions", _POSITIONS), ("order_pieces", _PIECES)),
        ("skus", _ARTICLES),
    ):
        (folder / name).mkdir()
        filled = text.format(orders=orders)
        given = [row[0] for row in database.execute(f"describe {filled}").fetchall()]
        database.execute(
            f"copy (select {columns_of(name, given)} from ({filled})) to '{folder}/{name}/all.parquet' "
            "(format parquet, compression zstd)"
        )


def _door(base: Path, tables: Path) -> Door:
    """A China cell over the generated tables, with a permit of shape B and all evidence."""
    layout = CellLayout(base / "cn")
    paths = BorderPaths(layout.border)
    abroad = signing_key(base / "abroad", "global")
    terms = Permit(
        permit="orders",
        shape="B",
        to="global",
        purpose="planning",
        recipient=Recipient("Brand GmbH", "EU", "privacy@brand.example"),
        processor="main",
        valid_from=date(2026, 1, 1),
        valid_to=date(2099, 12, 31),
        circumstances=Circumstances(important_data=False),
        platform_permission={"tmall": "agreement"},
    )
    paths.permits.mkdir(parents=True)
    (paths.permits / "orders.yaml").write_text(permit_text(terms), encoding="utf-8")
    lines = ["evidence:"]
    for kind in _KINDS:
        basis = ", basis: consent" if kind == "legal_basis" else ""
        cap = ", cap_persons: 100000000" if kind in ("standard_contract", "security_assessment") else ""
        lines.append(
            f"  - {{kind: {kind}, number: n, processor: main, valid_from: 2026-01-01, purposes: [planning], "
            f"recipients: [global]{basis}{cap}}}"
        )
    paths.evidence.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Door(
        cell="cn",
        region="CN",
        profile="CN",
        layout=layout,
        paths=paths,
        declared=Declared(("shop",), ("main",)),
        companions={"global": Companion("global", "EU", abroad.verifier(), base / "mail", None)},
        open_engine=DuckDBEngine,
        tables=lambda: FilesOnly(tables),
        now=lambda: datetime.now(UTC),
    )


def _ours(door: Door) -> Cleared:
    gateway = Gateway(door)
    try:
        cleared = gateway.clear("orders")
    finally:
        gateway.close()
    assert cleared is not None, "something leaves"
    return cleared


def _by_hand(tables: Path, out: Path, door: Door) -> None:
    """Project, compute two tokens a row, write one file a month and table."""
    database = duckdb.connect()
    keys = token_keys(
        cell_key(door.layout.keys, "token.key"), ("order_token", "buyer_token"), "planning", "global", "k1"
    )
    database.register("token_keys", keys)
    order, buyer = _TOKEN.format("order_token", "o.order_key"), _TOKEN.format("buyer_token", "o.buyer_key")
    database.execute(
        f"""create temp table leaving as
        select o.month, {order} as order_token, {buyer} as buyer_token, o.channel, p.shop, o.order_kind,
            o.payment_state, o.commercial_state, o.fulfilment_state, cast(o.placed_at as date) as placed_on,
            cast(o.paid_at as date) as paid_on, cast(o.shipped_at as date) as shipped_on, o.currency, p.goods_minor,
            p.shipping_minor, p.discount_merchant_minor, p.discount_platform_minor, p.discount_other_minor,
            p.paid_minor, p.refunded_minor
        from '{tables}/orders/*.parquet' as o join '{tables}/order_positions/*.parquet' as p using (order_key)
        cross join token_keys as k"""
    )
    database.execute(
        f"""create temp table leaving_lines as
        select o.month, {order} as order_token, p.piece_no, p.kind, p.channel, p.shop, p.sku_id, p.quantity, p.currency,
            p.gross_minor, p.vat_minor, p.refund_minor
        from '{tables}/order_pieces/*.parquet' as p join '{tables}/orders/*.parquet' as o using (order_key)
        cross join token_keys as k"""
    )
    for table in ("leaving", "leaving_lines"):
        (out / table).mkdir(parents=True)
        for month in range(1, _MONTHS + 1):
            database.execute(
                f"copy (select * from {table} where month = '2025-{month:02d}') to '{out}/{table}/{month}.parquet' "
                "(format parquet, compression zstd)"
            )


def _same_tokens(door: Door, cleared: Cleared, out: Path, folder: Path) -> None:
    assert cleared.transfer.envelope is not None, "it was sealed"
    key = signing_key(door.layout.keys, "cn").verifier()
    envelope = opened(door.paths.outbox / cleared.transfer.envelope, [key])
    fact = next(each for each in envelope.manifest.files if (each.dataset, each.part) == ("orders", "2025-01"))
    ours = sorted(pq.read_table(envelope.take_out(fact, folder))["order_token"].to_pylist())
    theirs = sorted(pq.read_table(out / "leaving" / "1.parquet")["order_token"].to_pylist())
    assert ours == theirs, "both sides write the same tokens before any time counts"


def measure(orders: int = 1_000_000, runs: int = 5) -> Result:
    """Seconds of both; every run begins with a cell that has sent nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = folder / "tables"
        tables.mkdir()
        _generate(tables, orders)
        ours, by_hand = [], []
        for _ in range(runs):
            base, out = folder / "run", folder / "out"
            door = _door(base, tables)
            started = time.perf_counter()
            cleared = _ours(door)
            ours.append(time.perf_counter() - started)
            assert cleared.transfer.persons == orders, "every order of the sample has a buyer of its own"
            started = time.perf_counter()
            _by_hand(tables, out, door)
            by_hand.append(time.perf_counter() - started)
            _same_tokens(door, cleared, out, folder)
            shutil.rmtree(base)
            shutil.rmtree(out)
    return Result(
        f"{orders:,} orders of as many persons through permit B: the whole gateway",
        "a projection written by hand for DuckDB with HMAC, into Parquet by month",
        tuple(ours),
        tuple(by_hand),
        budget=2.0,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args()
    measure(wanted.orders, wanted.runs).say()
