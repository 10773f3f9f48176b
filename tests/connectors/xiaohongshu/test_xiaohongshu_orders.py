"""Xiaohongshu's order export: one row per article of a package, freight once per package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from entrepot.assembly import open_cell
from entrepot.flows.importing import import_paths
from tests.connectors.casework import CaseFile, Imported, Translated, code_list, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from collections.abc import Sequence

ORDER = "P802335189951019482"
HEADER = (
    "订单号,订单状态,售后状态,订单类型,订单标记,收件人姓名,收件人电话,收件人地址,省,市,区,区域编码,小红书编码,条形码,规格ID,达人ID,达人名称,SKU名称,"
    "SKU规格,SKU件数,是否为赠品,发票/Invoice,商品总价(元),用户应付金额(元),平台优惠(元),店铺优惠(元),支付渠道优惠(元),SKU商家改价(元),"
    "商家应收金额(元)（支付金额）,支付方式,支付渠道订单号,支付期数,利息费用,手续费承担方,支付时间,sku净重(kg),包裹总净重(kg),包裹总运费(元),快递公司,"
    "快递单号,发货链接,大头笔/Paint Marker,集包地/Express Extend 1,三段码/Express Extend 2,订购人身份证姓名/ID Name,订购人身份证号/ID Number,"
    "收件人身份证姓名,收件人身份证号,订单创建时间,预售订单开始发货时间,预售订单截止发货时间,承诺发货时间,订单发货时间,订单完成时间,发货仓库,确认收货类型,"
    "是否延迟收货,用户备注,包裹备注标记,包裹备注信息,异常原因,店铺名称,用户编号,运费模版名称,物流方案名称,第三方机构订单号,国补模式,供应商id,供应商名称,"
    "商家编码,商品ID,商品名称"
)
PLAIN = {
    "订单号": ORDER,
    "订单状态": "已完成",
    "售后状态": "无售后",
    "订单类型": "现货",
    "收件人姓名": "测*",
    "收件人电话": "138****0000",
    "收件人地址": "测试路1号",
    "省": "浙江省",
    "规格ID": "65a1b2c3d4e5f60001234567",
    "达人ID": "5f00000000000000000000aa",
    "达人名称": "测试达人",
    "SKU名称": "一件商品",
    "SKU件数": "2",
    "商品总价(元)": "200.00",
    "用户应付金额(元)": "168.00",
    "平台优惠(元)": "12.00",
    "店铺优惠(元)": "15.00",
    "支付渠道优惠(元)": "3.00",
    "SKU商家改价(元)": "5.00",
    "商家应收金额(元)（支付金额）": "180.00",
    "支付方式": "支付宝",
    "支付时间": "2026-09-09 10:06:33",
    "包裹总运费(元)": "8.00",
    "订购人身份证号/ID Number": "110101199001011234",
    "订单创建时间": "2026-09-09 10:05:00",
    "订单发货时间": "2026-09-10 09:00:00",
    "订单完成时间": "2026-09-20 09:00:00",
    "店铺名称": "测试店",
    "用户编号": "u-1",
    "商家编码": "SKU-A",
    "商品ID": "65a1b2c3d4e5f60009999999",
}
SECOND = {
    "规格ID": "65a1b2c3d4e5f60007654321",
    "SKU件数": "1",
    "商品总价(元)": "50.00",
    "用户应付金额(元)": "50.00",
    "平台优惠(元)": "0.00",
    "店铺优惠(元)": "0.00",
    "支付渠道优惠(元)": "0.00",
    "SKU商家改价(元)": "0.00",
    "商家编码": "SKU-B",
}
UNPAID = {"支付时间": "-", "订单发货时间": "-", "订单完成时间": "-"}
STATES = {row["status"]: row for row in code_list("xiaohongshu", "status")}
AFTER_SALES = [row["after_sale"] for row in code_list("xiaohongshu", "after_sale")]


def export(*rows: dict[str, str], name: str = "orders.csv", encoding: str = "utf-8-sig") -> CaseFile:
    return CaseFile(lines_of(HEADER, PLAIN, *rows), name, encoding)


def numbered(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [{"订单号": f"P80233518995{number:06d}", **row} for number, row in enumerate(rows)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_two_articles_make_one_order_and_freight_counts_once(encoding: str) -> None:
    found = translated(export({}, SECOND, encoding=encoding))
    assert (found.formats, found.rejects, found.rows) == ({"orders.csv": "xiaohongshu_orders"}, {}, 2)
    found.shows(
        "orders",
        f"""
        order_key           | month   | shop   | order_kind | platform_status | payment_state | commercial_state   | fulfilment_state | placed_at           | paid_at             | shipped_at          | confirmed_at
        xiaohongshu:{ORDER} | 2026-09 | 测试店 | sale       | 已完成          | released      | completed_by_buyer | delivered        | 2026-09-09 10:05:00 | 2026-09-09 10:06:33 | 2026-09-10 09:00:00 | 2026-09-20 09:00:00
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id                  | sku_id | quantity | unit_price_minor | goods_minor | discount_merchant_minor | shipping_minor | paid_minor
        65a1b2c3d4e5f60001234567 | SKU-A  | 2        | 10000            | 20000       | 2000                    | 800            | 17300
        65a1b2c3d4e5f60007654321 | SKU-B  | 1        | 5000             | 5000        | 0                       | 0              | 5000
    """,
    )
    found.shows(
        "discounts",
        """
        line_id                  | funder           | kind         | amount_minor | settled_through
        65a1b2c3d4e5f60001234567 | merchant         | promotion    | 1500         |
        65a1b2c3d4e5f60001234567 | merchant         | price_change | 500          |
        65a1b2c3d4e5f60001234567 | platform         | coupon       | 1200         | settled
        65a1b2c3d4e5f60001234567 | payment_provider | promotion    | 300          | settled
        65a1b2c3d4e5f60007654321 | merchant         | promotion    | 0            |
        65a1b2c3d4e5f60007654321 | merchant         | price_change | 0            |
        65a1b2c3d4e5f60007654321 | platform         | coupon       | 0            | settled
        65a1b2c3d4e5f60007654321 | payment_provider | promotion    | 0            | settled
    """,
    )


def test_a_paid_order_adds_up(tmp_path: Path) -> None:
    cell = imported(tmp_path, [export({}, SECOND)])
    cell.shows(
        "order_positions",
        "goods_minor | shipping_minor | paid_minor | third_party_minor | expected_minor | identity_gap_minor | state\n"
        "25000 | 800 | 22300 | 1500 | 23800 | 0 | completed",
    )
    assert {row["kind"] for row in cell.rows("exceptions")} == {"sku_without_cost"}


def test_amounts_that_do_not_add_up_are_an_exception_of_their_size(tmp_path: Path) -> None:
    cell = imported(tmp_path, [export({"用户应付金额(元)": "176.00"})])
    found = [(row["kind"], row["amount_minor"]) for row in cell.rows("exceptions") if row["kind"] == "order_identity"]
    assert found == [("order_identity", -800)]


def test_identity_numbers_stay_out_of_every_table(tmp_path: Path) -> None:
    cell = imported(tmp_path, [export({})])
    tables = [path.name for path in (cell.home / "tables").iterdir() if path.is_dir()]
    assert "addresses" in tables
    assert not [name for name in tables if any("110101199001011234" in str(row) for row in cell.rows(name))]
    cell.shows("addresses", "province | name | mobile | address\n浙江省 | 测* | 138****0000 | 测试路1号")
    cell.shows("persons", "role | platform_account | name\ntalent | 5f00000000000000000000aa | 测试达人")


def test_a_closed_order_that_was_paid_went_back_whole() -> None:
    found = translated(export({"订单状态": "已关闭", "售后状态": "售后完成", "订单发货时间": "-", "订单完成时间": "-"}))
    found.shows(
        "orders",
        "payment_state | commercial_state | fulfilment_state | refund_stated_minor | confirmed_at\nvoided | closed_refunded | unallocated | 17300 |",
    )


def test_a_cancelled_order_that_nobody_paid_is_no_sale() -> None:
    found = translated(export({"订单状态": "已取消", **UNPAID}))
    found.shows("orders", "payment_state | commercial_state | refund_stated_minor\nvoided | cancelled_unpaid |")
    found.shows("order_lines", "paid_minor\n0")


def test_a_presale_is_told_by_the_kind_of_order() -> None:
    translated(export({"订单类型": "全款预售"})).shows("orders", "order_kind\npresale")


def test_an_older_name_of_the_receivable_and_the_talent_is_understood() -> None:
    header = HEADER.replace("（支付金额）", "(支付金额)").replace("达人名称", "达人名称(待下线)")
    plain = {
        name.replace("（支付金额）", "(支付金额)").replace("达人名称", "达人名称(待下线)"): cell
        for name, cell in PLAIN.items()
    }
    found = translated(CaseFile(lines_of(header, plain, {}), "orders.csv"))
    assert found.rejects == {}
    found.shows("persons", "name\n测试达人")


def test_a_workbook_gives_the_same_order(tmp_path: Path) -> None:
    folder, home = tmp_path / "files", tmp_path / "cell"
    folder.mkdir()
    home.mkdir()
    names = HEADER.split(",")
    with xlsxwriter.Workbook(folder / "orders.xlsx") as book:
        sheet = book.add_worksheet("包裹详情")
        for column, name in enumerate(names):
            sheet.write_string(0, column, name)
            sheet.write_string(1, column, PLAIN.get(name, ""))
    import_paths(open_cell(home), [folder], shop="our shop")
    Imported(home, ()).shows("order_lines", "sku_id | quantity | paid_minor\nSKU-A | 2 | 17300")


@pytest.fixture(scope="module")
def every_state() -> Translated:
    return translated(export(*numbered([{"订单状态": status} for status in STATES])))


@pytest.mark.parametrize("status", STATES)
def test_every_state_is_understood(every_state: Translated, status: str) -> None:
    row, wanted = list(STATES).index(status) + 2, STATES[status]
    (order,) = [each for each in every_state.tables["orders"] if each["row_no"] == row]
    assert (order["payment_state"], order["commercial_state"]) == (wanted["payment_state"], wanted["commercial_state"])
    shipped = "shipped" if wanted["commercial_state"] == "closed_refunded" else wanted["fulfilment_state"]
    assert order["fulfilment_state"] == shipped


def test_every_after_sale_state_is_understood() -> None:
    found = translated(export(*numbered([{"售后状态": word} for word in AFTER_SALES])))
    assert (found.rejects, len(found.tables["order_lines"])) == ({}, len(AFTER_SALES))


REFUSED = {
    "no order number": ({"订单号": ""}, "bad_id:订单号"),
    "a ruined article number": ({"规格ID": "6.5E+23"}, "ruined_id:规格ID"),
    "no article number": ({"规格ID": "-"}, "bad_id:规格ID"),
    "no time": ({"订单创建时间": "-"}, "bad_time:订单创建时间"),
    "a broken time of payment": ({"支付时间": "昨天"}, "bad_time:支付时间"),
    "a broken time of shipment": ({"订单发货时间": "昨天"}, "bad_time:订单发货时间"),
    "a broken time of completion": ({"订单完成时间": "昨天"}, "bad_time:订单完成时间"),
    "no pieces": ({"SKU件数": "0"}, "bad_number:SKU件数"),
    "half a piece": ({"SKU件数": "1.5"}, "bad_number:SKU件数"),
    "a broken price": ({"商品总价(元)": "二百"}, "bad_money:商品总价(元)"),
    "a broken payable": ({"用户应付金额(元)": "-"}, "bad_money:用户应付金额(元)"),
    "a broken platform discount": ({"平台优惠(元)": "x"}, "bad_money:平台优惠(元)"),
    "a broken shop discount": ({"店铺优惠(元)": "x"}, "bad_money:店铺优惠(元)"),
    "a broken payment discount": ({"支付渠道优惠(元)": "x"}, "bad_money:支付渠道优惠(元)"),
    "a broken price change": ({"SKU商家改价(元)": "x"}, "bad_money:SKU商家改价(元)"),
    "a broken freight": ({"包裹总运费(元)": "x"}, "bad_money:包裹总运费(元)"),
    "an unknown state": ({"订单状态": "神秘"}, "unknown_code:订单状态:神秘"),
    "an unknown after-sale state": ({"售后状态": "神秘"}, "unknown_code:售后状态:神秘"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return translated(export(*numbered([cells for cells, _ in REFUSED.values()])))


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_posts_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)
