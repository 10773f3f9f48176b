"""A payment provider's bill beside the orders of an own shop: the number that the shop gave joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.flows.asking import select_rows, table_rows
from entrepot.flows.importing import import_paths
from tests.connectors.wechatpay.test_wechatpay_trades import bill

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.testing.sample_company import SampleCompany


def test_a_payment_by_wechat_settles_the_order_that_a_declared_format_told(
    small_company: SampleCompany, tmp_path: Path
) -> None:
    parts = small_company.new_cell(tmp_path / "company")
    orders = small_company.data_files("declared_orders")
    import_paths(parts, orders)
    paid = select_rows(
        parts, "select order_key, order_id, paid_minor from orders where paid_minor > 0 order by order_id"
    )
    order = paid.to_pylist()[0]
    yuan = f"{order['paid_minor'] // 100}.{order['paid_minor'] % 100:02d}"
    rows = [
        {
            "商户订单号": f"`{order['order_id']}",
            "应结订单金额": f"`{yuan}",
            "订单金额": f"`{yuan}",
            "手续费": "`0.10000",
        },
        {"微信订单号": "`42000023602026090900000", "商户订单号": "`NOBODY"},
    ]
    file = bill(*rows)
    path = tmp_path / "bill.csv"
    path.write_bytes(file.text.encode(file.encoding))
    import_paths(parts, [path])

    position = next(
        row for row in table_rows(parts, "order_positions").to_pylist() if row["order_key"] == order["order_key"]
    )
    assert (position["income_minor"], position["settlement_state"]) == (order["paid_minor"], "settled")
    strange = [
        row["key"].split("/")[-1]
        for row in table_rows(parts, "exceptions").to_pylist()
        if row["kind"] == "settlement_without_order"
    ]
    assert strange == ["NOBODY"]
