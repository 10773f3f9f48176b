"""Words that people see for our stable codes, Chinese and English: columns, states, kinds, accounts, channels.

Programs never meet them: JSON and CSV keep the codes. A code without a word is shown as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.ledger import accounts

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS: dict[str, str] = {
    "account": "科目",
    "amount_minor": "金额",
    "at_stake_minor": "涉及金额",
    "balance_minor": "余额",
    "book": "账簿",
    "canonical": "新增",
    "cause": "原因",
    "channel": "渠道",
    "class": "数据级别",
    "closed_before_recognition_minor": "确认前关闭",
    "column": "列",
    "credit_minor": "贷方",
    "currency": "币种",
    "debit_minor": "借方",
    "difference_minor": "差异",
    "duplicates": "已有",
    "encoding": "编码",
    "entity_id": "法人主体",
    "expected_minor": "应收",
    "exported_at": "导出时间",
    "file": "文件",
    "file_name": "文件名",
    "format": "格式",
    "fiscal_period": "会计期间",
    "from": "起",
    "functional_currency": "本位币",
    "functional_minor": "本位币金额",
    "income_minor": "实收",
    "item": "对象",
    "items": "件数",
    "key": "主键",
    "kind": "类型",
    "known": "已有",
    "meaning": "含义",
    "needs": "必需列",
    "net_minor": "净额",
    "new": "新增",
    "not_recognised_minor": "未确认",
    "not_shipped_minor": "未发货",
    "orders": "订单数",
    "origin": "来源",
    "own_code": "科目编码",
    "own_name": "科目名称",
    "paid_minor": "已付款",
    "placed_minor": "下单",
    "quarantined": "拒收",
    "recognised_as": "识别为",
    "recognised_minor": "已确认",
    "refunds_minor": "退款",
    "refused": "拒收",
    "row_count": "行数",
    "rows": "行数",
    "settlement_state": "结算状态",
    "shipped_minor": "已发货",
    "shop": "店铺",
    "state": "状态",
    "table": "表",
    "third_party_minor": "第三方承担",
    "title": "名称",
    "to": "止",
    "type": "类型",
    "undone": "已撤销",
    "unpaid_minor": "未付款",
}
"""Chinese headings of columns; the English ones are the column's name."""

KINDS: dict[str, tuple[str, str]] = {
    "quarantined_row": ("Row not understood", "无法识别的行"),
    "control_total": ("File total does not match its rows", "文件合计与明细不符"),
    "order_identity": ("Order money does not add up", "订单金额不平"),
    "lines_differ": ("Lines do not add up to the order", "明细与订单金额不符"),
    "lines_of_two_formats": ("Order told by two formats", "订单在两种文件中重复"),
    "refund_exceeds_paid": ("Refunded more than paid", "退款超过实付"),
    "settlement_difference": ("Settled amount differs", "结算金额有差异"),
    "settlement_missing": ("Never settled", "长期未结算"),
    "settlement_without_order": ("Settlement of an unknown order", "结算对应订单缺失"),
    "settlement_adjustment": ("Adjustment to be explained", "待解释的账务调整"),
    "tax_in_domestic_shop": ("Import tax in a domestic shop", "境内店铺出现跨境税费"),
    "settlement_total": ("Payout total differs from its lines", "打款合计与明细不符"),
    "wallet_gap": ("Wallet balance jumps", "钱包余额断层"),
    "journal_refused": ("Journal not booked", "手工凭证未入账"),
    "fx_missing": ("Currency without a rate", "缺少汇率"),
    "sku_without_cost": ("SKU without cost", "商品缺少成本"),
}
"""Kinds of exceptions."""

STATES: dict[str, tuple[str, str]] = {
    "in_escrow": ("in escrow", "待结算"),
    "settled": ("settled", "已结算"),
    "part_settled": ("short-paid", "少结算"),
    "clawed_back": ("refunded after settlement", "结算后退款"),
    "not_due": ("not due", "未到期"),
}
"""Settlement states."""

_OTHERS: dict[str, dict[str, tuple[str, str]]] = {
    "book": {"local": ("local", "法定账"), "group": ("group", "集团账")},
    "origin": {
        "raw": ("raw", "原始"),
        "observed": ("observed", "来自文件"),
        "derived": ("derived", "推算得出"),
        "reference": ("reference", "基础资料"),
    },
    "class": {
        "operational": ("operational", "运营"),
        "business": ("business", "商业"),
        "pseudonymous": ("pseudonymous", "假名化"),
        "personal": ("personal", "个人信息"),
        "local": ("local", "不出境"),
        "secret": ("secret", "机密"),
    },
    "type": {
        "varchar": ("varchar", "文本"),
        "bigint": ("bigint", "整数"),
        "boolean": ("boolean", "是否"),
        "timestamptz": ("timestamptz", "时间"),
        "date": ("date", "日期"),
    },
    "status": {
        "imported": ("imported", "已导入"),
        "already_imported": ("already imported", "之前已导入"),
        "not_recognised": ("not recognised", "无法识别"),
        "unreadable": ("unreadable", "无法读取"),
        "refused": ("refused", "拒收"),
    },
}

_CAUSES: dict[str, tuple[str, str]] = {
    "unknown_code": ("unknown code", "未知代码"),
    "bad_money": ("no amount", "金额无效"),
    "bad_time": ("no time", "时间无效"),
    "bad_id": ("no id", "编号无效"),
    "bad_number": ("no number", "数字无效"),
    "ruined_id": ("id ruined by a spreadsheet", "编号被表格软件损坏"),
    "wrong_columns": ("wrong number of columns", "列数不符"),
    "undecodable": ("bytes of another encoding", "编码无法解读"),
    "nul_byte": ("holds a zero byte", "含空字节"),
    "income_sum": ("sum of income", "收入合计"),
    "expense_sum": ("sum of expense", "支出合计"),
    "income_count": ("count of income", "收入笔数"),
    "expense_count": ("count of expense", "支出笔数"),
    "order_income": ("order income", "订单收入"),
    "order_refund": ("order refund", "订单退款"),
    "fee": ("fee", "费用"),
    "adjustment": ("adjustment", "调整"),
    "compensation": ("compensation", "赔付"),
}

NOT_NAMED = "-"
"""Column of a statement for amounts that name no shop, month or SKU."""

_NOT_NAMED_WORDS = {
    "sku_id": ("not by SKU", "不分商品"),
    "shop": ("no shop", "未指明店铺"),
    "channel": ("no channel", "未指明渠道"),
}

_INDEX = {"en": 0, "zh": 1}


def kind_of(word: str) -> str:
    """The code of an exception's kind that was given as code or as its Chinese word."""
    return next((code for code, (_, chinese) in KINDS.items() if chinese == word), word)


@dataclass(frozen=True)
class Vocabulary:
    """Words in one language.

    Attributes:
        lang: `en` or `zh`.
        channels: Channel to its title in that language.
        formats: File format to its title in that language.
    """

    lang: str = "en"
    channels: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> str:
        """Heading of a column."""
        plain = name.removesuffix("_minor").replace("_", " ")
        return COLUMNS.get(name, plain) if self.lang == "zh" else plain

    def value(self, column: str, code: str) -> str:
        """A code of a column as a word; what has no word stays as it is."""
        if column in ("channel", "counterparty_id"):
            return self.channels.get(code, code)
        if column == "format":
            return self.formats.get(code, code)
        if column == "account":
            return self._account(code)
        if column == "cause":
            head, *rest = code.split(":")
            return ": ".join((self._word(_CAUSES, head), *rest))
        words = {"kind": KINDS, "settlement_state": STATES, **_OTHERS}.get(column, {})
        return self._word(words, code)

    def shown(self, column: str, code: str) -> str:
        """A code as the terminal shows it: English readers type the codes again, so only channels become titles."""
        return self.value(column, code) if self.lang == "zh" or column == "channel" else code

    def heading(self, by: str, code: str) -> str:
        """Heading of a statement's column: the channel's title, or what stands there for amounts without a value."""
        if code == NOT_NAMED:
            return _NOT_NAMED_WORDS.get(by, (NOT_NAMED, NOT_NAMED))[_INDEX[self.lang]]
        return self.value("channel", code) if by == "channel" else code

    def _account(self, code: str) -> str:
        names = {each.account: (each.name_en, each.name_zh) for each in accounts()}
        return self._word(names, code)

    def _word(self, words: Mapping[str, tuple[str, str]], code: str) -> str:
        return words[code][_INDEX[self.lang]] if code in words else code
