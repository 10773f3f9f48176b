"""Words that people see for our stable codes, Chinese and English: columns, states, kinds, accounts, channels.

Programs never meet them: JSON and CSV keep the codes. A code without a word is shown as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.ledger import accounts
from entrepot.reports.report_words import REPORT_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS: dict[str, str] = {
    "account": "科目",
    "after_minor": "变动后",
    "amount_minor": "金额",
    "as_of": "截至",
    "at_stake_minor": "涉及金额",
    "balance_minor": "余额",
    "balance_orders": "付尾款订单数",
    "balances_minor": "尾款",
    "basis": "口径",
    "before_minor": "变动前",
    "book": "账簿",
    "buyers": "买家数",
    "buyers_known": "买家可识别",
    "came_minor": "实际",
    "canonical": "新增",
    "cause": "原因",
    "change_bp": "变动率（基点）",
    "channel": "渠道",
    "check": "检查项",
    "class": "数据级别",
    "closed_before_recognition_minor": "确认前关闭",
    "closed_orders": "关闭订单数",
    "cogs_minor": "商品成本",
    "column": "列",
    "commission_minor": "达人/淘客佣金",
    "cost_per_new_buyer_minor": "单个新客成本",
    "cost_with_commission_minor": "单个新客成本（含佣金）",
    "counted": "检查数",
    "credit_minor": "贷方",
    "currency": "币种",
    "day": "日期",
    "days": "天数",
    "days_on_hand": "库存天数",
    "debit_minor": "借方",
    "deposits_completed_minor": "已付尾款的定金",
    "deposits_minor": "定金",
    "difference_bp": "差异（基点）",
    "difference_minor": "差异",
    "dimension": "维度",
    "duplicates": "已有",
    "encoding": "编码",
    "ends_on": "截止日",
    "entity_id": "法人主体",
    "entries": "分录数",
    "expected_minor": "应收",
    "expected_on": "预计到账日",
    "exported_at": "导出时间",
    "fee_vat_invoiced_minor": "费用进项（已取得发票）",
    "fee_vat_pending_minor": "费用进项（待取得发票）",
    "fees_minor": "平台费用",
    "figure_source": "数据出处",
    "file": "文件",
    "file_name": "文件名",
    "first_no": "起始凭证号",
    "fiscal_period": "会计期间",
    "forfeited_minor": "没收定金",
    "format": "格式",
    "from": "起",
    "functional_currency": "本位币",
    "functional_minor": "本位币金额",
    "given_back_minor": "退还定金",
    "history": "历史笔数",
    "income_minor": "实收",
    "invoiced_minor": "已开票",
    "invoices_without_sale_minor": "无对应销售的开票",
    "is_complete": "已满60天",
    "item": "对象",
    "items": "件数",
    "key": "主键",
    "kind": "类型",
    "known": "已有",
    "last_no": "最后凭证号",
    "left_out_minor": "未计入的成本",
    "line_no": "行号",
    "location": "仓库",
    "meaning": "含义",
    "measure": "指标",
    "metric": "指标",
    "missing": "缺少",
    "month": "月份",
    "moved_minor": "变动",
    "name": "名称",
    "needs": "必需列",
    "net_minor": "净额",
    "new": "新增",
    "new_buyers": "新客数",
    "not_recognised_minor": "未确认",
    "not_shipped_minor": "未发货",
    "oldest_on": "最早日期",
    "open_minor": "未完成定金",
    "open_orders": "未完成订单数",
    "orders": "订单数",
    "orders_without_person": "无法识别买家的订单数",
    "origin": "来源",
    "over_invoiced_minor": "多开票",
    "own_code": "科目编码",
    "own_name": "科目名称",
    "p50_minor": "预计金额（中位）",
    "p80_minor": "预计金额（八成）",
    "paid_minor": "已付款",
    "paid_orders": "付款订单数",
    "passed": "通过数",
    "per_euro_e6": "每欧元汇率均值（百万分之一）",
    "per_usd_e6": "每美元汇率（百万分之一）",
    "period": "期间",
    "placed_minor": "下单",
    "placed_orders": "下单订单数",
    "posting_rule": "记账规则",
    "quarantined": "拒收",
    "quarter": "季度",
    "rate_source": "汇率来源",
    "reason": "原因",
    "recognised_as": "识别为",
    "recognised_minor": "已确认",
    "recognised_orders": "确认订单数",
    "refunds_minor": "退款",
    "refused": "拒收",
    "closed_for": "已结账公司",
    "restatements": "重述笔数",
    "returning_buyers": "老客数",
    "role": "性质",
    "row_count": "行数",
    "rows": "行数",
    "sales_minor": "含税销售额",
    "scenario": "情形",
    "scope": "范围",
    "score": "得分",
    "second_per_usd_e6": "对照汇率（百万分之一）",
    "second_source": "对照来源",
    "settlement_state": "结算状态",
    "shipped_minor": "已发货",
    "shipped_orders": "发货订单数",
    "shop": "店铺",
    "side": "截点前后",
    "sku_id": "商家编码",
    "skus_left_out": "未计入的商品数",
    "snapshots": "盘点次数",
    "spend_minor": "广告费",
    "spend_share_bp": "广告费占比（基点）",
    "stage": "阶段",
    "standing": "达标情况",
    "starts_on": "起始日",
    "state": "状态",
    "stated_for": "数据期间",
    "step": "项目",
    "stock_minor": "平均库存金额",
    "stock_units_e2": "平均库存数量（百分之一件）",
    "table": "表",
    "target": "目标",
    "third_party_minor": "第三方承担",
    "title": "名称",
    "to": "止",
    "turns_a_year_e2": "年周转次数（百分之一次）",
    "type": "类型",
    "undone": "已撤销",
    "uninvoiced_minor": "未开票",
    "unit": "单位",
    "unpaid_minor": "未付款",
    "usd_per_euro_e6": "每欧元美元汇率均值（百万分之一）",
    "value": "数值",
    "vouchers": "凭证数",
    "week_no": "第几周",
    "gtin": "条码",
    "platform_state": "平台状态",
    "listing_key": "链接键",
    "cost_minor": "成本",
    "price_minor": "售价",
    "stock_units": "实际库存数量",
    "listed_units": "平台可售数量",
    "variant_id": "SKU ID",
    "listing_id": "商品ID",
    "problem": "问题",
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
    "settlement_not_there": ("Money moved, its settlement is not imported", "有动账流水，未导入结算单"),
    "wallet_gap": ("Wallet balance jumps", "钱包余额断层"),
    "journal_refused": ("Journal not booked", "手工凭证未入账"),
    "opening_unmatched": ("Opening of an unknown wallet or shop", "期初余额无对应账户"),
    "chart_unmatched": ("Own chart names an unknown account", "自有科目表中有未知科目"),
    "bill_refused": ("Bill not booked", "服务账单未入账"),
    "listing_map_refused": ("Listing told two ways", "商品对应关系冲突"),
    "fx_missing": ("Currency without a rate", "缺少汇率"),
    "fx_stale": ("Rate too old", "汇率过旧"),
    "fx_sources_differ": ("Two sources of a rate differ", "汇率来源不一致"),
    "sku_without_cost": ("SKU without cost", "商品缺少成本"),
    "over_invoiced_refunds": ("Refunded, invoice not taken back", "退款未红冲"),
    "fees_without_invoice": ("Fees without an invoice", "平台费用未取得发票"),
    "bank_gap": ("Bank balance jumps", "银行余额断层"),
    "payout_not_in_bank": ("Payout not in the bank", "打款未到账"),
    "bank_line_unexplained": ("Bank movement unexplained", "银行流水待解释"),
    "bank_decision_refused": ("Bank match not taken", "到账对应未采用"),
    "reserve_not_returned": ("Reserve kept too long", "预留款逾期未退"),
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
    "check": {**KINDS, "settlements_end_early": ("Settlements end before the period", "结算未覆盖期末")},
    "posting_rule": {
        "accrued_fees": ("accrued fees", "预提费用"),
        "returns_provided": ("return provision", "退货准备"),
        "unbilled_ads": ("unbilled advertising", "预提推广费"),
        "carried_forward": ("settlement carried forward", "跨期结算结转"),
        "fx_realised": ("realised exchange difference", "已实现汇兑损益"),
        "fx_unrealised": ("unrealised exchange difference", "未实现汇兑损益"),
    },
    "book": {"local": ("local", "法定账"), "group": ("group", "集团账")},
    "origin": {
        "raw": ("raw", "原始"),
        "observed": ("observed", "来自文件"),
        "derived": ("derived", "推算得出"),
        "reference": ("reference", "基础资料"),
        "shipped": ("shipped", "自带"),
        "own": ("own", "自有"),
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
    "finding": {
        "unknown_column": ("unknown column", "未知列"),
        "repeated_column": ("a column stands twice", "列重复"),
        "shop_assumed": ("no shop is named, assumed", "未指明店铺，暂记为"),
        "sheet_not_read": ("a sheet is not known", "工作表未识别"),
        "unclosed_quote": ("a quotation mark is missing", "引号未闭合"),
        "undecodable": ("bytes of another encoding", "编码有误"),
        "column_renamed": ("a column has another name", "列名已变"),
        "column_vanished": ("a column is gone", "列已消失"),
        "column_retyped": ("a column holds something else", "列内容类型已变"),
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
    "unclosed_quote": ("quotation mark not closed", "引号未闭合"),
    "contradicting_rows": ("rows that contradict each other", "两行互相矛盾"),
    "negative_amount": ("amount below nothing", "金额为负"),
    "inconsistent_amount": ("amounts that do not fit each other", "金额前后不符"),
    "inconsistent_code": ("codes that do not fit each other", "代码前后不符"),
    "inconsistent_time": ("times that do not fit each other", "时间前后不符"),
    "amounts_disagree": ("amounts that do not agree", "金额不一致"),
    "missing_value": ("a value is missing", "缺少值"),
    "list_cut_off": ("a list was cut off", "列表被截断"),
    "part_of_refused": ("part of what was refused", "所属整体已拒收"),
    "first_row_missing": ("the first row is missing", "缺少首行"),
    "unbalanced": ("does not come to nothing", "借贷不平"),
    "income_sum": ("sum of income", "收入合计"),
    "expense_sum": ("sum of expense", "支出合计"),
    "income_count": ("count of income", "收入笔数"),
    "expense_count": ("count of expense", "支出笔数"),
    "flow_count": ("count of movements", "流水笔数"),
    "trade_count": ("count of trades", "交易笔数"),
    "refund_sum": ("sum of refunds", "退款合计"),
    "settled_sum": ("sum settled", "结算合计"),
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


def stated_total(name: str, value: int | None) -> str:
    """What a file states or its rows give, as people write it: counts whole, sums with two decimals."""
    if value is None or name.endswith("_count"):
        return "" if value is None else f"{value:,}"
    return f"{'-' if value < 0 else ''}{abs(value) // 100:,}.{abs(value) % 100:02d}"


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
        words = {"kind": KINDS, "settlement_state": STATES, **REPORT_WORDS, **_OTHERS}.get(column, {})
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
