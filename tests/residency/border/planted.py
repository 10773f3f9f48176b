"""A China cell whose files carry unique values of persons wherever a platform's file may carry one."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.testing.small_files import Move, alipay_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Plants", "orders_text", "planted_files"]

SHOP = "our shop"
_ORDERS = (
    *(
        "订单编号",
        "买家会员名",
        "买家支付宝账号",
        "买家应付货款",
        "买家应付邮费",
        "总金额",
        "买家实际支付金额",
        "订单状态",
    ),
    *(
        "买家留言",
        "收货人姓名",
        "收货地址",
        "联系电话",
        "联系手机",
        "订单创建时间",
        "订单付款时间",
        "宝贝标题",
        "物流单号",
    ),
    *("订单备注", "店铺名称", "订单关闭原因", "发票抬头", "天猫卡券抵扣", "退款金额", "确认收货时间", "前N有礼"),
)
_LINES = (
    "订单编号",
    "标题",
    "价格",
    "购买数量",
    "外部系统编号",
    "商品属性",
    "套餐信息",
    "备注",
    "订单状态",
    "商家编码",
)


_COUPON = "优惠券名称"
"""No file of the platform that was read has this column, which is how it would come."""


@dataclass
class Plants:
    """Values planted so far.

    Attributes:
        values: Place to value; each value is planted in one place only.
    """

    values: dict[str, str] = field(default_factory=dict)

    def listed(self) -> list[tuple[int, str, str]]:
        """As the search for persons takes them."""
        return [(number, place, value) for number, (place, value) in enumerate(self.values.items(), start=2)]

    def __call__(self, place: str, kind: str) -> str:
        """A new value of a kind for a place."""
        number = len(self.values)
        digits = f"{number:02d}"
        letters = "甲乙丙丁戊己庚辛壬癸"
        word = letters[number // 10] + letters[number % 10]
        made = {
            "name": f"欧阳{word}虚构",
            "mobile": f"138009900{digits}",
            "resident_id": f"11010119900307{digits}91",
            "address": f"虚构省虚构市{word}测试路八八八号",
            "mail": f"canary.{digits}@example.invalid",
            "account": f"虚构账号{word}",
            "wallet": f"208811223344556677{digits}",
            "order": f"28000000000099{digits}123",
            "parcel": f"YT88776655{digits}443",
            "latin": f"OuyangXugou{chr(65 + number // 10)}{chr(65 + number % 10)}",
        }[kind]
        self.values[place] = made
        return made


def _csv(header: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _order(plants: Plants, number: int, order: str, goods: str, **more: str) -> dict[str, str]:
    return {
        "订单编号": order,
        "买家会员名": plants(f"account of buyer {number}", "account"),
        "买家支付宝账号": plants(f"payment account of buyer {number}", "mail"),
        "买家应付货款": goods,
        "买家应付邮费": "0.00",
        "总金额": goods,
        "买家实际支付金额": goods,
        "订单状态": "交易成功",
        "收货人姓名": plants(f"name of recipient {number}", "name"),
        "收货地址": plants(f"address of recipient {number}", "address"),
        "联系手机": plants(f"mobile of recipient {number}", "mobile"),
        "订单创建时间": f"2026-09-0{number} 08:00:00",
        "订单付款时间": f"2026-09-0{number} 08:05:00",
        "店铺名称": SHOP,
        "天猫卡券抵扣": "0.00",
        "退款金额": "无退款申请",
        "确认收货时间": "2026-09-09 10:00:00",
    } | more


def orders_text(persons: Sequence[tuple[str, str, str, str, str]]) -> str:
    """An order list with one order for each of some persons; the orders are the same whoever they are.

    Args:
        persons: Account, payment account, name, mobile and address.
    """
    rows = []
    for number, (account, payment_account, name, mobile, address) in enumerate(persons, start=1):
        row = _order(Plants(), number, f"280000000000000000{number}", f"{number}0.00")
        rows.append(
            row
            | {
                "买家会员名": account,
                "买家支付宝账号": payment_account,
                "收货人姓名": name,
                "联系手机": mobile,
                "收货地址": address,
            }
        )
    return _csv(_ORDERS, rows)


def planted_files(folder: Path) -> Plants:
    """Write a small company's files with a value in each place, and say which."""
    plants = Plants()
    orders = [plants(f"order id {number}", "order") for number in range(1, 6)]
    rows = [
        _order(
            plants,
            1,
            orders[0],
            "100.00",
            买家留言=plants("message of the buyer", "mobile"),
            订单备注=plants("remark of the merchant", "resident_id"),
            宝贝标题=plants("title of an order", "name"),
            物流单号=plants("parcel number", "parcel"),
            发票抬头=plants("invoice title", "name"),
            前N有礼=plants("gift", "address"),
            联系电话=plants("second phone", "mobile"),
        ),
        _order(plants, 2, orders[1], "50.00", 订单关闭原因=plants("reason of closing", "mail")),
        _order(plants, 3, orders[2], "30.00", 订单状态=plants("unknown state", "name")),
        _order(plants, 4, orders[3], "20.00", 店铺名称=plants("name of a shop", "name")),
        _order(plants, 5, orders[4], "10.00"),
    ]
    extra = plants("header of a column that nobody knows", "name")
    rows[0][extra] = plants("value of a column that nobody knows", "address")
    rows[0][_COUPON] = plants("name of a coupon", "latin")
    lines = []
    skus = ("YX-SER-30", *(f"A{plants(f'SKU with {kind}', kind)}" for kind in ("wallet", "resident_id")))
    skus += (f"B-{plants('SKU with mobile', 'mobile')}", plants("SKU that is a name", "name"))
    for order, row, sku in zip(orders, rows, skus, strict=True):
        lines.append(
            {
                "订单编号": order,
                "标题": plants(f"title of a line of {sku[:1]} {order[-5:]}", "address"),
                "价格": row["买家应付货款"],
                "购买数量": "1",
                "商品属性": plants(f"attribute of a line {order[-5:]}", "name"),
                "套餐信息": plants(f"bundle of a line {order[-5:]}", "account"),
                "备注": plants(f"remark of a line {order[-5:]}", "mail"),
                "订单状态": "交易成功",
                "商家编码": sku,
            }
        )
    # It has the form of a code, and stands in no list of the company.
    named = plants("SKU that is a name in Latin letters", "latin")
    lines.append(lines[0] | {"标题": "面霜", "价格": "0.00", "商家编码": named})
    shop_folder = folder / plants("name of a shop folder", "name")
    shop_folder.mkdir(parents=True)
    named = plants("name of a file", "mobile")
    (shop_folder / f"ExportOrderList20261101001400 {named}.csv").write_text(
        _csv((*_ORDERS, _COUPON, extra), rows), encoding="gb18030"
    )
    (shop_folder / "ExportOrderDetailList20261101001400.csv").write_text(_csv(_LINES, lines), encoding="gb18030")
    _write_payments(plants, shop_folder, orders)
    _write_lists(plants, shop_folder, skus)
    return plants


def _write_payments(plants: Plants, folder: Path, orders: list[str]) -> None:
    """The ledger of the payment provider."""
    moves = [
        Move("F1", orders[0], "在线支付", 100_00, remark=plants("remark of a payment", "name")),
        Move("F2", orders[1], "在线支付", 50_00),
        Move("F3", "", plants("kind of a payment", "account"), -5_00),
        Move(plants("number of a payment", "wallet"), orders[3], "在线支付", 20_00),
    ]
    alipay = alipay_text(moves, plants("payment account of the merchant", "wallet"))
    (folder / "alipay.csv").write_text(
        alipay.replace(",goods,", f",{plants('goods of a payment', 'mail')},", 1), encoding="gb18030"
    )


def _write_lists(plants: Plants, folder: Path, skus: tuple[str, ...]) -> None:
    """The merchant's own lists: articles and stock."""
    header = ("sku_id", "name", "name_en", "brand", "category", "unit_cost", "currency", "valid_from", "unit")
    rows = [
        {
            "sku_id": sku,
            "name": f"{plants(f'name of article {number}', 'mobile')} 面霜",
            "name_en": plants(f"English name of article {number}", "mail"),
            "brand": plants(f"brand of article {number}", "resident_id"),
            "category": plants(f"category of article {number}", "wallet"),
            "unit_cost": "10.00",
            "currency": "CNY",
            "valid_from": "2026-01-01",
            "unit": "瓶",
        }
        for number, sku in enumerate(skus)
    ]
    (folder / "sku_list.csv").write_text(_csv(header, rows), encoding="utf-8")
    columns = ("stock_day", "sku_id", "quantity", "location", "lot", "entity_id")
    stock = [
        {
            "stock_day": "2026-09-30",
            "sku_id": skus[0],
            "quantity": "12",
            "location": "SH-1",
            "lot": plants("lot", "name"),
        },
        {"stock_day": "2026-09-30", "sku_id": skus[3], "quantity": "7", "location": plants("warehouse", "address")},
        {"stock_day": "2026-09-30", "sku_id": skus[4], "quantity": "9", "location": "SH-1"},
    ]
    (folder / "stock.csv").write_text(_csv(columns, stock), encoding="utf-8")
