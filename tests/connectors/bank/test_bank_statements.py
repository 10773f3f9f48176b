"""Bank statements: what moved, in which direction the file runs, and whose balance it is."""

from __future__ import annotations

from tests.connectors.casework import CaseFile, Translated, code_list, lines_of, translated

COLUMNS = "bank_account,booked_on,amount,amount_in,amount_out,currency,counterparty,reference,balance,bank_fee,line_id"
PLAIN = {
    "bank_account": "6222-01",
    "booked_on": "2026-09-30",
    "amount": "100.00",
    "currency": "CNY",
    "counterparty": "支付宝（中国）网络技术有限公司",
}
BOC = (
    "中国银行交易流水明细单\r\n"
    "记账日期,记账时间,币别,金额,余额,交易名称,渠道,网点名称,附言,对方账户名,对方卡号/账号,对方开户行,借记卡号\r\n"
    '2026-09-30,17:57:17,人民币,"2,000.50","3,240.28",转账,银企对接,-------------------,提现,支付宝-店铺,Z200,-------------------,3167\r\n'
    '2026-09-30,12:24:20,人民币,-326.00,"1,239.78",网上快捷支付,银企对接,-------------------,----------,张三,Z2,-------------------,3167\r\n'
)
BOCOM = (
    "序号,交易日期,交易时间,交易类型,借贷,交易金额,余额,对方账号,对方户名,交易地点,摘要\r\n"
    "1,2026-09-01,09:00:00,转账,贷 Cr,10.00,184.69,666,网银在线（北京）科技有限公司,网络,结算\r\n"
    "2,2026-09-02,10:00:00,转账,借 Dr,3.21,181.48,667,哈哈,网络,\r\n"
    "3,2026-09-03,10:00:00,转账,冲正,3.21,184.69,667,哈哈,网络,\r\n"
)
CMB = (
    "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要\r\n"
    '2026-09-01,CNY,"1,234.00","1,271.66",银联入账,抖音电商商家888888888,结算\r\n'
    '2026-09-02,CNY,"-1,000.00",271.66,转账汇款,张三 66666666666666,转账\r\n'
)
# As online banking writes it: a separator after the last cell of each row, and none after the header.
ICBC = (
    "明细查询文件下载\r\n\r\n卡号: 1234****9876,卡别名: 基本户\r\n\r\n子账户序号: 00000,子账户类别: 活期\r\n\r\n"
    "交易日期,摘要,交易详情,交易场所,交易国家或地区简称,钞/汇,交易金额(收入),交易金额(支出),交易币种,记账金额(收入),记账金额(支出),"
    "记账币种,余额,对方户名,对方账户\r\n"
    '2026-09-02     \t,"他行汇入   \t"," \t"," \t","CHN \t",钞 \t,"- \t","- \t",- \t,"1,234.56  \t"," \t",人民币 \t,'
    '"9,000.00 \t","财付通支付科技有限公司   \t","88 \t",\r\n'
    '2026-09-01     \t,"自动还款   \t"," \t"," \t","CHN \t",钞 \t,"- \t","- \t",- \t," \t","234.56  \t",人民币 \t,'
    '"7,765.44 \t","张三   \t","89 \t",\r\n'
    '人民币合计,,,,,,,,,"1,234.56 \t","234.56 \t",\r\n'
)
HSBC = (
    "Date,Description,Billing amount,Billing currency,Balance,Balance currency\r\n"
    '24/09/2026,AMAZON PAYMENTS,"500.00"\t,HKD,"3,612.17"\t,HKD\r\n'
    '20/09/2026,BILL PAYMENT,"-100.00"\t,HKD,"3,112.17"\t,HKD\r\n'
    '20/09/2026,OTHER POCKET,"-1.00"\t,HKD,"9.00"\t,USD\r\n'
)
SHOWN = "booked_on | bank_account | currency | amount_minor | balance_minor | counterparty"


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(COLUMNS, PLAIN, *rows), "bank.csv"))


def lines(found: Translated) -> list[tuple[int, int | None]]:
    rows = sorted(found.tables["bank_lines"], key=lambda row: row["statement_order"])
    return [(row["amount_minor"], row["balance_minor"]) for row in rows]


def test_the_newest_line_first_is_turned_round_by_its_balances() -> None:
    found = translated(CaseFile(BOC, "boc.csv"))
    assert (found.formats, found.rejects) == ({"boc.csv": "bank_boc"}, {})
    assert lines(found) == [(-326_00, 1_239_78), (2_000_50, 3_240_28)]
    found.shows(
        "bank_lines",
        f"""
        {SHOWN} | reference
        2026-09-30 | 3167 | CNY | 200050 | 324028 | 支付宝-店铺 | 提现
        2026-09-30 | 3167 | CNY | -32600 | 123978 | 张三 |
    """,
    )


def test_a_word_says_which_side_and_a_word_that_is_not_known_is_quarantined() -> None:
    found = translated(CaseFile(BOCOM, "bocom.csv", shop="bocom 01"))
    assert (found.formats, found.rejects) == ({"bocom.csv": "bank_bocom"}, {"4": "unknown_code:借贷:冲正"})
    assert lines(found) == [(10_00, 184_69), (-3_21, 181_48)]
    assert {row["bank_account"] for row in found.tables["bank_lines"]} == {"bocom 01"}


def test_every_word_for_a_currency_is_one_currency_with_its_digits() -> None:
    known = code_list("bank", "currencies")
    found = read(*({"currency": row["word"]} for row in known))
    rows = sorted(found.tables["bank_lines"], key=lambda row: row["row_no"])
    assert [(row["currency"], row["amount_minor"]) for row in rows] == [
        (row["currency"], 100 * 10 ** int(row["digits"])) for row in known
    ]


def test_every_word_for_a_side_has_its_sign() -> None:
    known = code_list("bank", "sides")
    rows = [f"1,2026-09-01,,,{row['side']},10.0{place},1.00,,A,,\r\n" for place, row in enumerate(known)]
    found = translated(CaseFile(BOCOM.splitlines()[0] + "\r\n" + "".join(rows), "bocom.csv"))
    amounts = [row["amount_minor"] for row in sorted(found.tables["bank_lines"], key=lambda row: row["row_no"])]
    assert amounts == [int(row["sign"]) * (10_00 + place) for place, row in enumerate(known)]


def test_the_number_behind_the_name_on_the_other_side_is_left_out() -> None:
    found = translated(CaseFile(CMB, "cmb.csv", shop="cmb 01"))
    assert found.formats == {"cmb.csv": "bank_cmb"}
    found.shows(
        "bank_lines",
        f"""
        {SHOWN} | reference
        2026-09-01 | cmb 01 | CNY | 123400 | 127166 | 抖音电商商家 | 银联入账 结算
        2026-09-02 | cmb 01 | CNY | -100000 | 27166 | 张三 | 转账汇款 转账
    """,
    )


def test_padded_cells_two_columns_of_amounts_and_a_total_row() -> None:
    found = translated(CaseFile(ICBC, "icbc.csv"))
    assert (found.formats, found.rejects) == ({"icbc.csv": "bank_icbc"}, {})
    assert lines(found) == [(-234_56, 7_765_44), (1_234_56, 9_000_00)]


def test_a_day_that_begins_a_date_and_a_balance_in_another_currency() -> None:
    found = translated(CaseFile(HSBC, "hsbc.csv", shop="hsbc hkd"))
    assert (found.formats, found.rejects) == ({"hsbc.csv": "bank_hsbc_hk"}, {"4": "bad_money:Balance"})
    assert {str(row["booked_on"]) for row in found.tables["bank_lines"]} == {"2026-09-24", "2026-09-20"}
    assert lines(found) == [(-100_00, 3_112_17), (500_00, 3_612_17)]


def test_our_own_template_takes_a_signed_amount_or_two_columns_and_the_banks_fee() -> None:
    found = read(
        {"bank_fee": "0.50", "line_id": "L1"},
        {"amount": "", "amount_in": "7.00", "balance": "107.00"},
        {"amount": "", "amount_out": "7.00", "balance": "100.00", "currency": "usd"},
    )
    assert (found.formats, found.rejects) == ({"bank.csv": "bank_statement"}, {})
    rows = sorted(found.tables["bank_lines"], key=lambda row: row["row_no"])
    assert [(row["amount_minor"], row["fee_minor"], row["currency"]) for row in rows] == [
        (100_00, 50, "CNY"),
        (7_00, None, "CNY"),
        (-7_00, None, "USD"),
    ]
    assert rows[0]["bank_line_id"] == "6222-01/L1"


def test_chinese_headers_are_the_same_template() -> None:
    text = "银行账号,入账日期,收入金额,支出金额,币种,对方单位,用途,账户余额\n6222-01,2026年9月30日,12.00,,人民币,甲公司,货款,12.00\n"
    for encoding in ("utf-8-sig", "gb18030"):
        translated(CaseFile(text, "流水.csv", encoding)).shows(
            "bank_lines", f"{SHOWN} | reference\n2026-09-30 | 6222-01 | CNY | 1200 | 1200 | 甲公司 | 货款"
        )


def test_two_equal_movements_of_a_day_are_two() -> None:
    found = read({}, {})
    assert len({row["bank_line_id"] for row in found.tables["bank_lines"]}) == 2


DOUBTS: tuple[tuple[dict[str, str], str], ...] = (
    ({"bank_account": ""}, "missing_value:bank_account"),
    ({"booked_on": "30/09/2026"}, "bad_time:booked_on"),
    ({"currency": "元"}, "unknown_code:currency:元"),
    ({"amount": ""}, "bad_money:amount"),
    ({"amount": "1.005"}, "bad_money:amount"),
    ({"amount_in": "1.00"}, "bad_money:amount"),
    ({"balance": "all"}, "bad_money:balance"),
    ({"bank_fee": "-1.00"}, "bad_money:bank_fee"),
)


def test_a_doubtful_movement_is_refused() -> None:
    found = read(*(facts for facts, _ in DOUBTS))
    assert found.is_empty()
    assert found.rejects == {str(row_no): reason for row_no, (_, reason) in enumerate(DOUBTS, start=2)}
