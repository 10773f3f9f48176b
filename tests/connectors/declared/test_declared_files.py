"""Files of declared formats, from the description to the tables."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.declared.description import FEES
from entrepot.connectors.errors import DeclarationInvalid
from entrepot.flows.importing import import_paths
from tests.connectors.casework import CaseFile, Imported, imported, lines_of

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = """\
format: mini_orders
table: orders
columns: {单号: order_id, 下单时间: placed_at, 支付时间: paid_at, 发货时间: shipped_at, 商品编码: sku_id, 数量: quantity,
          单价: unit_price, 运费: shipping, 税: tax, 商家优惠: discount_merchant, 平台优惠: discount_platform, 实付: paid,
          退款: refunded, 状态: state}
personal: {昵称: buyer_name, 手机: phone}
states: {待付款: open, 已取消: cancelled_unpaid, 已发货: open, 已退款: closed_refunded, 已收货: completed_by_buyer}
shop: 小店
"""
HEADER = "单号,下单时间,支付时间,发货时间,商品编码,数量,单价,运费,税,商家优惠,平台优惠,实付,退款,状态,昵称,手机"
PLAIN = {
    "单号": "M1",
    "下单时间": "2026-09-01 12:00:00",
    "支付时间": "2026-09-01 12:01:00",
    "发货时间": "2026-09-02 09:00:00",
    "商品编码": "SKU-A",
    "数量": "2",
    "单价": "29.90",
    "运费": "5.00",
    "税": "1.00",
    "商家优惠": "3.00",
    "平台优惠": "2.00",
    "实付": "60.80",
    "状态": "已发货",
    "昵称": "张三丰",
    "手机": "13900001234",
}
UNPAID = {"支付时间": "", "发货时间": "", "实付": ""}


def declared(home: Path, description: str, *batches: list[CaseFile]) -> Imported:
    folder = home / "cell" / "declared"
    folder.mkdir(parents=True)
    (folder / "format.yaml").write_text(description, encoding="utf-8")
    return imported(home, *batches)


def orders(*rows: dict[str, str], name: str = "orders.csv") -> CaseFile:
    return CaseFile(lines_of(HEADER, PLAIN, *rows), name)


def test_an_order_of_two_lines_comes_out_whole(tmp_path: Path) -> None:
    second = {
        "商品编码": "SKU-B",
        "数量": "1",
        "单价": "10",
        "运费": "",
        "税": "",
        "商家优惠": "",
        "平台优惠": "",
        "实付": "10.00",
        "退款": "4.00",
    }
    cell = declared(tmp_path, ORDERS, [orders({}, second)])
    assert [(file.format, file.rows, file.quarantined) for file in cell.reports[0].files] == [("mini_orders", 2, 0)]
    cell.shows(
        "orders",
        """
        order_key      | channel  | shop | month   | placed_at           | paid_at             | shipped_at          | commercial_state | payment_state | fulfilment_state | currency | refund_stated_minor
        mini_orders:M1 | own_shop | 小店 | 2026-09 | 2026-09-01 12:00:00 | 2026-09-01 12:01:00 | 2026-09-02 09:00:00 | open             | captured      | shipped          | CNY      | 400
    """,
    )
    cell.shows(
        "order_lines",
        """
        sku_id | quantity | unit_price_minor | goods_minor | shipping_minor | tax_minor | paid_minor
        SKU-A  | 2        | 2990             | 5980        | 500            | 100       | 6080
        SKU-B  | 1        | 1000             | 1000        | 0              | 0         | 1000
    """,
    )
    cell.shows("discounts", "funder | amount_minor\nmerchant | 300\nplatform | 200\nmerchant | 0\nplatform | 0")
    assert "order_identity" not in {row["kind"] for row in cell.rows("exceptions")}


STATES = {
    "waiting for payment": ({**UNPAID, "状态": "待付款"}, "open | unpaid | unallocated"),
    "cancelled": ({**UNPAID, "状态": "已取消"}, "cancelled_unpaid | unpaid | unallocated"),
    "sent": ({}, "open | captured | shipped"),
    "refunded": ({"状态": "已退款", "退款": "60.80"}, "closed_refunded | captured | shipped"),
    "received": ({"状态": "已收货"}, "completed_by_buyer | captured | shipped"),
}


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    rows = [{**cells, "单号": f"S{number}"} for number, (cells, _) in enumerate(STATES.values())]
    return declared(tmp_path_factory.mktemp("states"), ORDERS, [orders(*rows)])


@pytest.mark.parametrize("case", STATES)
def test_state_of_an_order(states: Imported, case: str) -> None:
    number = f"S{list(STATES).index(case)}"
    row = next(row for row in states.rows("orders") if row["order_id"] == number)
    assert " | ".join((row["commercial_state"], row["payment_state"], row["fulfilment_state"])) == STATES[case][1]


def test_personal_columns_reach_only_persons(tmp_path: Path) -> None:
    cell = declared(tmp_path, ORDERS, [orders({})])
    cell.shows("persons", "role | channel | name | mobile\nbuyer | own_shop | 张三丰 | 13900001234")
    tables = {path.name for path in (cell.home / "tables").iterdir()}
    holding = {name for name in tables if any(value in str(cell.rows(name)) for value in ("张三丰", "13900001234"))}
    assert holding == {"persons"}


def test_a_name_alone_reaches_the_person_of_its_order(tmp_path: Path) -> None:
    rows = ({"手机": ""}, {"手机": "", "商品编码": "SKU-B"}, {"手机": "", "昵称": "", "单号": "M2"})
    cell = declared(tmp_path, ORDERS, [orders(*rows)])
    cell.shows("persons", "role | name | mobile\nbuyer | 张三丰 |")
    keys = {row["order_id"]: row["buyer_key"] for row in cell.rows("orders")}
    assert [row["person_key"] for row in cell.rows("persons")] == [keys["M1"]]
    assert keys["M2"] != keys["M1"]


NUMBERED = ORDERS.replace("单号: order_id", "单号: order_id, 行号: line_id")


def numbered_lines(*rows: dict[str, str]) -> CaseFile:
    return CaseFile(lines_of(f"行号,{HEADER}", {"行号": "1", **PLAIN}, *rows), "orders.csv")


CHANGES = {
    "two prices": {"单价": "39.90"},
    "two quantities": {"数量": "3"},
    "two payments": {"实付": "0.80"},
    "two states": {"状态": "已收货"},
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_numbered_line_that_stands_twice_and_differs_is_quarantined_in_both_rows(tmp_path: Path, case: str) -> None:
    cell = declared(tmp_path, NUMBERED, [numbered_lines({}, CHANGES[case], {"行号": "2"}, {"行号": "2"})])
    assert cell.rejects() == {"2": "contradicting_rows:row 3", "3": "contradicting_rows:row 2"}
    cell.shows("order_lines", "line_id | goods_minor\n2 | 5980")
    report = cell.reports[0].files[0]
    assert (report.canonical, report.duplicates, report.quarantined) == (1, 1, 2)


def test_lines_without_numbers_that_differ_are_two_lines(tmp_path: Path) -> None:
    cell = declared(tmp_path, ORDERS, [orders({}, {"单价": "39.90"})])
    assert cell.rejects() == {}
    cell.shows("order_lines", "goods_minor\n5980\n7980")


def test_an_order_in_two_currencies_or_two_shops_is_quarantined(tmp_path: Path) -> None:
    description = ZONED.replace("price: unit_price", "price: unit_price, store: shop")
    text = (
        "id,placed,sent,quantity,price,store,money\r\n"
        "A,2026-09-01 00:00:00,,1,10.00,one,BRL\r\n"
        "A,2026-09-01 00:00:00,,2,10.00,one,USD\r\n"
        "B,2026-09-01 00:00:00,,1,10.00,one,BRL\r\n"
        "B,2026-09-01 00:00:00,,2,10.00,two,BRL\r\n"
        "C,2026-09-01 00:00:00,,1,10.00,one,BRL\r\n"
    )
    cell = declared(tmp_path, description, [CaseFile(text, "abroad.csv")])
    assert cell.rejects() == {
        "2": "inconsistent_code:currency",
        "3": "inconsistent_code:currency",
        "4": "inconsistent_code:shop",
        "5": "inconsistent_code:shop",
    }
    cell.shows("orders", "order_id | currency | shop\nC | BRL | one")


def test_amounts_with_grouped_thousands_are_read(tmp_path: Path) -> None:
    cell = declared(tmp_path, ORDERS, [orders({"单价": "1,250.00", "实付": "2,501.00", "运费": "1,005"})])
    cell.shows("order_lines", "unit_price_minor | shipping_minor | paid_minor\n125000 | 100500 | 250100")


REFUSED = {
    "no number": ({"单号": ""}, "bad_id:order_id"),
    "a ruined number": ({"单号": "2.6E+18"}, "ruined_id:单号"),
    "no time": ({"下单时间": ""}, "bad_time:placed_at"),
    "a broken time of payment": ({"支付时间": "昨天"}, "bad_time:paid_at"),
    "a broken time of shipping": ({"发货时间": "昨天"}, "bad_time:shipped_at"),
    "half a unit": ({"数量": "0.5"}, "bad_number:quantity"),
    "a broken price": ({"单价": "29.9O"}, "bad_money:unit_price"),
    "freight in words": ({"运费": "包邮"}, "bad_money:shipping"),
    "a broken tax": ({"税": "x"}, "bad_money:tax"),
    "a broken discount": ({"商家优惠": "三"}, "bad_money:discount_merchant"),
    "a broken discount of the platform": ({"平台优惠": "三"}, "bad_money:discount_platform"),
    "a broken payment": ({"实付": "1e3"}, "bad_money:paid"),
    "a broken refund": ({"退款": "全部"}, "bad_money:refunded"),
    "no unit": ({"数量": "0"}, "bad_number:quantity"),
    "fewer units than none": ({"数量": "-1"}, "bad_number:quantity"),
    "a price below nothing": ({"单价": "-29.90"}, "negative_amount:unit_price"),
    "freight below nothing": ({"运费": "-5.00"}, "negative_amount:shipping"),
    "a tax below nothing": ({"税": "-1.00"}, "negative_amount:tax"),
    "a discount below nothing": ({"商家优惠": "-3.00"}, "negative_amount:discount_merchant"),
    "a discount of the platform below nothing": ({"平台优惠": "-2.00"}, "negative_amount:discount_platform"),
    "a payment that takes a sale back": ({"实付": "-60.80"}, "negative_amount:paid"),
    "a refund below nothing": ({"退款": "-4.00"}, "negative_amount:refunded"),
    "groups of two": ({"单价": "12,50"}, "bad_money:unit_price"),
    "a group after four digits": ({"单价": "1250,000.00"}, "bad_money:unit_price"),
    "an unknown state": ({"状态": "神秘状态"}, "unknown_code:state:神秘状态"),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    rows = [{"单号": f"R{number}", **cells} for number, (cells, _) in enumerate(REFUSED.values())]
    return declared(tmp_path_factory.mktemp("refused"), ORDERS, [orders(*rows)])


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_trusted_is_quarantined_and_gives_nothing(refused: Imported, case: str) -> None:
    assert refused.rejects()[str(list(REFUSED).index(case) + 2)] == REFUSED[case][1]
    assert refused.rows("orders") == refused.rows("order_lines") == []


def test_a_line_with_its_price_written_in_another_way_is_the_same_line(tmp_path: Path) -> None:
    cell = declared(
        tmp_path, ORDERS, [orders({}, {}, name="a.csv")], [orders({"单价": "29.9"}, {"单价": "29.9"}, name="b.csv")]
    )
    cell.shows("order_lines", "goods_minor | sku_id\n5980 | SKU-A\n5980 | SKU-A")


ZONED = """\
format: abroad_orders
table: orders
columns: {id: order_id, placed: placed_at, sent: shipped_at, quantity: quantity, price: unit_price, money: currency}
currency: from_column
zone: "-03:00"
"""


def test_times_have_the_declared_zone_or_their_own_offset_and_money_its_own_digits(tmp_path: Path) -> None:
    text = (
        "id,placed,sent,quantity,price,money\r\n"
        "A,2026-08-31 23:30:00,2026-09-01T10:00:00+09:00,1,10.50,BRL\r\n"
        "B,2026-09-01T00:00:00Z,2026-09-01 00:00:00 -0300,1,500,JPY\r\n"
        "C,2026-09-01 00:00:00,,1,1.234,KWD\r\n"
        "D,2026-09-01 00:00:00,,1,1.00,ZZZ\r\n"
        "E,2026-09-01 00:00:00,,1,1.5,JPY\r\n"
    )
    cell = declared(tmp_path, ZONED, [CaseFile(text, "abroad.csv")])
    cell.shows(
        "orders",
        """
        order_id | month   | placed_at           | shipped_at          | currency
        A        | 2026-09 | 2026-09-01 10:30:00 | 2026-09-01 09:00:00 | BRL
        B        | 2026-09 | 2026-09-01 08:00:00 | 2026-09-01 11:00:00 | JPY
        C        | 2026-09 | 2026-09-01 11:00:00 |                     | KWD
    """,
    )
    cell.shows("order_lines", "order_id | goods_minor | paid_minor\nA | 1050 | 1050\nB | 500 | 500\nC | 1234 | 1234")
    assert cell.rejects() == {"5": "unknown_code:currency:ZZZ", "6": "bad_money:unit_price"}


LINES = """\
format: bank_lines
table: settlement_lines
columns: {时间: booked_at, 类型: kind, 金额: amount, 订单: order_id, 费用: fee_code, 项目: item}
kinds: {收款: order_income, 退款: order_refund, 手续费: fee, 提现: withdrawal}
vat_rate_bp: 600
"""
LINES_HEADER = "时间,类型,金额,订单,费用,项目"
LINE = {"时间": "2026-09-03 10:00:00", "类型": "收款", "金额": "60.80", "订单": "M1"}
FEE = {"类型": "手续费", "金额": "-0.36", "费用": "payment_fee", "项目": "通道费"}


def lines(*rows: dict[str, str], name: str = "lines.csv") -> CaseFile:
    return CaseFile(lines_of(LINES_HEADER, LINE, *rows), name)


def test_settlement_lines_keep_their_sign_and_their_kind(tmp_path: Path) -> None:
    rows: tuple[dict[str, str], ...] = (
        {},
        FEE,
        {**FEE, "费用": ""},
        {"类型": "提现", "金额": "-60", "订单": ""},
        {"类型": "神秘"},
        {"金额": "x"},
        {"时间": ""},
    )
    cell = declared(tmp_path, LINES, [lines(*rows)])
    cell.shows(
        "settlement_lines",
        """
        order_key     | order_id | kind         | fee_code    | platform_item | vat_rate_bp | amount_minor | booked_at           | wallet_id
        bank_lines:M1 | M1       | order_income |             |               | 600         | 6080         | 2026-09-03 10:00:00 | own_shop:our shop
        bank_lines:M1 | M1       | fee          | payment_fee | 通道费        | 600         | -36          | 2026-09-03 10:00:00 | own_shop:our shop
        bank_lines:M1 | M1       | fee          | other_fee   | 通道费        | 600         | -36          | 2026-09-03 10:00:00 | own_shop:our shop
                      |          | withdrawal   |             |               | 600         | -6000        | 2026-09-03 10:00:00 | own_shop:our shop
    """,
    )
    assert cell.rejects() == {"6": "unknown_code:kind:神秘", "7": "bad_money:amount", "8": "bad_time:booked_at"}


def test_what_a_fee_is_for_is_known_or_said_and_never_left_out_of_the_books(tmp_path: Path) -> None:
    rows = ({**FEE, "费用": "返利", "项目": ""}, {**FEE, "费用": "神秘费"}, {"费用": "神秘费"})
    cell = declared(tmp_path, f"{LINES}fees: {{返利: promotion_fee}}\n", [lines(*rows)])
    cell.shows(
        "settlement_lines",
        "kind | fee_code | platform_item | amount_minor\nfee | promotion_fee | 返利 | -36\norder_income | | | 6080",
    )
    assert cell.rejects() == {"3": "unknown_code:fee_code:神秘费"}


def test_fees_of_declared_formats_are_the_accounts_of_the_ledger() -> None:
    accounts = (resources.files("entrepot.ledger") / "data" / "accounts.csv").read_text(encoding="utf-8")
    named = [line.split(",")[0].removeprefix("fee:") for line in accounts.splitlines() if line.startswith("fee:")]
    assert sorted(FEES) == sorted(named)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (LINES + "fees: {返利: rebate}\n", "`rebate` is not a fee"),
        (LINES.replace("费用: fee_code, ", "") + "fees: {返利: promotion_fee}\n", "no column is `fee_code`"),
    ],
)
def test_a_fee_that_is_none_is_an_error_that_names_it(wrong: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DeclarationInvalid, match=said):
        declared(tmp_path, wrong, [lines({})])


def test_a_format_of_one_shop_is_that_shops_among_several_of_its_platform(tmp_path: Path) -> None:
    (tmp_path / "cell").mkdir()
    shops = "".join(f'[[shops]]\nshop = "{name}"\nchannel = "own_shop"\nentity = "main"\n' for name in ("小店", "大店"))
    (tmp_path / "cell" / "cell.toml").write_text(f'[[entities]]\nid = "main"\n{shops}', encoding="utf-8")
    (tmp_path / "files").mkdir()
    file = orders({})
    (tmp_path / "files" / file.name).write_bytes(file.text.encode())
    (tmp_path / "cell" / "declared").mkdir()
    (tmp_path / "cell" / "declared" / "format.yaml").write_text(ORDERS, encoding="utf-8")
    report = import_paths(open_cell(tmp_path / "cell"), [tmp_path / "files"]).files[0]
    assert (report.status, report.shop, report.findings) == ("imported", "小店", [])


def test_a_numbered_settlement_line_that_stands_twice_and_differs_is_quarantined(tmp_path: Path) -> None:
    description = LINES.replace("时间: booked_at", "时间: booked_at, 流水: line_id")
    rows = (
        {"流水": "a"},
        {"流水": "a", "金额": "1,260.80"},
        {"流水": "b", "金额": "1,260.80"},
        {"流水": "b", "金额": "1260.8"},
    )
    text = lines_of(f"流水,{LINES_HEADER}", LINE, *rows)
    cell = declared(tmp_path, description, [CaseFile(text, "lines.csv")])
    assert cell.rejects() == {"2": "contradicting_rows:row 3", "3": "contradicting_rows:row 2"}
    cell.shows("settlement_lines", "line_id | amount_minor\nbank_lines:b | 126080")


def test_a_settlement_line_written_in_another_way_is_the_same_line(tmp_path: Path) -> None:
    again = {"金额": "60.8", "时间": "2026/9/3 10:00"}
    cell = declared(tmp_path, LINES, [lines({}, {}, name="a.csv")], [lines(again, again, name="b.csv")])
    cell.shows("settlement_lines", "kind | amount_minor\norder_income | 6080\norder_income | 6080")


SPEND = """\
format: spend_daily
table: ad_spend
columns: {日期: date, 渠道: channel, 店铺: shop, 计划: campaign, 消耗: amount}
"""
SPEND_HEADER = "日期,渠道,店铺,计划,消耗"
SPENT = {"日期": "2026-09-01", "渠道": "tmall", "店铺": "测试旗舰店", "计划": "秋", "消耗": "120.50"}


def spend(*rows: dict[str, str], name: str = "spend.csv") -> CaseFile:
    return CaseFile(lines_of(SPEND_HEADER, SPENT, *rows), name)


def test_advertising_is_spent_on_a_day_in_a_shop(tmp_path: Path) -> None:
    rows: tuple[dict[str, str], ...] = (
        {}, {"日期": "20260902", "计划": ""}, {"日期": "2026/09/03", "渠道": "天猫"}, {"店铺": ""}, {"消耗": "x"}, {"日期": "2026-02-30"},
    )  # fmt: skip
    cell = declared(tmp_path, SPEND, [spend(*rows)])
    cell.shows(
        "ad_spend",
        """
        spent_on   | month   | channel | shop       | campaign | currency | amount_minor
        2026-09-01 | 2026-09 | tmall   | 测试旗舰店 | 秋       | CNY      | 12050
        2026-09-02 | 2026-09 | tmall   | 测试旗舰店 |          | CNY      | 12050
    """,
    )
    assert cell.rejects() == {"4": "bad_id:channel", "5": "bad_id:shop", "6": "bad_money:amount", "7": "bad_time:date"}


def test_advertising_below_nothing_is_quarantined_and_grouped_thousands_are_read(tmp_path: Path) -> None:
    cell = declared(tmp_path, SPEND, [spend({"消耗": "-120.50"}, {"日期": "2026/9/2", "消耗": "1,120.50"})])
    assert cell.rejects() == {"2": "negative_amount:amount"}
    cell.shows("ad_spend", "spent_on | amount_minor\n2026-09-02 | 112050")


def test_two_amounts_for_one_day_and_campaign_are_both_quarantined(tmp_path: Path) -> None:
    rows: tuple[dict[str, str], ...] = (
        {},
        {"消耗": "99.00", "日期": "2026/9/1"},
        {"计划": "冬"},
        {"计划": "冬", "消耗": "120.5"},
    )
    cell = declared(tmp_path, SPEND, [spend(*rows)])
    assert cell.rejects() == {"2": "contradicting_rows:row 3", "3": "contradicting_rows:row 2"}
    cell.shows("ad_spend", "campaign | amount_minor\n冬 | 12050")


def test_a_day_written_in_another_way_is_the_same_spend(tmp_path: Path) -> None:
    later = spend({"日期": "2026-09-01 00:00:00", "消耗": "130"}, {"日期": "2026/09/01", "消耗": "130"}, name="b.csv")
    cell = declared(tmp_path, SPEND, [spend({}, name="a.csv")], [later])
    assert len(cell.rows("ad_spend")) == 1


RECOGNITION = {
    "shipped": {"M1": "2026-09-02"},
    "paid": {"M1": "2026-09-01", "M2": "2026-09-03"},
}


@pytest.mark.parametrize("word", RECOGNITION)
def test_revenue_counts_at_the_declared_instant(tmp_path: Path, word: str) -> None:
    rows: tuple[dict[str, str], ...] = ({}, {"单号": "M2", "支付时间": "2026-09-03 12:01:00", "发货时间": ""})
    cell = declared(tmp_path, f"{ORDERS}recognition: {word}\n", [orders(*rows)])
    entries = [row for row in cell.rows("ledger_entries") if row["account"] == "revenue_goods"]
    assert {
        row["order_id"].removeprefix("mini_orders:"): str(row["accounting_date"]) for row in entries
    } == RECOGNITION[word]


def days_of_sales(result: Imported) -> dict[str, str]:
    return {row["order_id"]: str(row["recognised_on"]) for row in result.rows("order_positions")}


def test_a_shop_that_settings_do_not_name_counts_its_days_in_the_zone_of_its_format(tmp_path: Path) -> None:
    early = {"发货时间": "2026-09-01 00:30:00"}
    day_alone = {"单号": "M2", "下单时间": "2026/9/1", "支付时间": "2026/9/1", "发货时间": "2026/9/1"}
    result = declared(tmp_path, ORDERS, [orders(early, day_alone)])
    assert days_of_sales(result) == {"M1": "2026-09-01", "M2": "2026-09-01"}


@pytest.mark.parametrize("zone", ["-03:00", "+14:00", "-14:00", "+00:00", "UTC", "Asia/Tokyo"])
def test_a_day_alone_stays_that_day_in_every_zone_of_a_format(tmp_path: Path, zone: str) -> None:
    result = declared(tmp_path, f'{ORDERS}zone: "{zone}"\n', [orders({"发货时间": "2026-09-01"})])
    assert days_of_sales(result) == {"M1": "2026-09-01"}


def test_the_format_that_brings_orders_says_when_their_revenue_counts(tmp_path: Path) -> None:
    statement = tmp_path / "cell" / "declared" / "a_statement.yaml"
    statement.parent.mkdir(parents=True)
    statement.write_text(
        "format: a_statement\ntable: settlement_lines\n"
        "columns: {结算单: order_id, 日期: booked_at, 项目: kind, 净额: amount}\nkinds: {货款: order_income}\n",
        encoding="utf-8",
    )
    (statement.parent / "format.yaml").write_text(f"{ORDERS}recognition: placed\n", encoding="utf-8")
    result = imported(tmp_path, [orders({"下单时间": "2026-08-31 23:00:00"})])
    assert days_of_sales(result) == {"M1": "2026-08-31"}
