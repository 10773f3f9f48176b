"""Words of explanations, English and Chinese: what a node is called for people. Programs keep the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.reports.id_parts import ALL
from entrepot.reports.statement import LINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.reports.explain.tree import Node
    from entrepot.reports.words import Vocabulary

_INDEX = {"en": 0, "zh": 1}

PARTS: Mapping[str, tuple[str, str]] = {
    "goods": ("goods before discounts", "优惠前商品金额"),
    "shipping": ("freight", "运费"),
    "tax": ("tax on top", "价外税费"),
    "tax_kept": ("tax that the platform keeps", "平台代缴税费"),
    "discount_merchant": ("discounts of the merchant", "商家优惠"),
    "discount_platform": ("discounts of the platform", "平台优惠"),
    "discount_other": ("discounts of others", "其他方优惠"),
    "vat": ("VAT inside", "价内增值税"),
    "cost": ("cost", "成本"),
    "paid": ("paid in cash", "现金实付"),
    "tender": ("paid otherwise (points, balance)", "其他方式支付（积分、余额）"),
    "deposit": ("deposit", "定金"),
    "deposit_returned": ("deposit given back", "退还的定金"),
    "identity_gap": ("what does not add up", "不平差额"),
    "refund": ("refund", "退款"),
    "refund_share": ("share of a refund", "退款分摊"),
    "refunded_before": ("refunded before settlement", "结算前退款"),
    "settlement": ("line of a settlement", "结算明细"),
    "settlement_of_order": ("income of the order", "订单收入"),
    "income": ("income that came", "实际到账收入"),
    "expected": ("income that was due", "应到账收入"),
    "not_paid": ("not paid", "未支付"),
    "third_party": ("paid by others", "第三方承担"),
    "rest": ("the rest", "其余"),
    "spend": ("advertising consumed", "推广消耗"),
    "bill": ("bill, with its tax", "账单含税金额"),
    "bill_vat": ("tax that the bill states", "账单税额"),
    "bank_line": ("line of the bank statement", "银行流水"),
    "bank_fee": ("fee that the bank kept", "银行扣收手续费"),
    "paid_out": ("payout of the platform", "平台打款"),
    "batch": ("total of the settlement", "结算批次总额"),
    "journal": ("line of a journal", "手工凭证分录"),
    "numerator": ("numerator", "分子"),
    "denominator": ("denominator", "分母"),
    "gone_since": ("gone since", "其后已转出"),
    "there_before": ("there before", "此前余额"),
    "does_not_arrive": ("what by experience does not arrive", "按历史不会到账的部分"),
    "days_without_rows": ("days without rows", "无数据的天数"),
    "fed_h10": ("Federal Reserve, H.10", "美联储 H.10"),
}
"""What postings and exceptions are made of."""

RULES: Mapping[str, tuple[str, str]] = {
    "paid": ("when the buyer pays", "买家付款"),
    "deposit": ("when a deposit is paid", "支付定金"),
    "recognised": ("when revenue is recognised", "确认收入"),
    "cost": ("cost of what was recognised", "结转成本"),
    "refunded": ("when money goes back", "退款"),
    "settled": ("when the platform settles", "平台结算"),
    "advertised": ("when advertising is consumed", "推广消耗"),
    "banked": ("when the payout reaches the bank", "打款到账"),
    "billed": ("when a service is billed", "服务账单"),
    "invoiced": ("when the invoice for a fee is there", "费用发票到票"),
    "journal": ("what people booked", "手工凭证"),
    "accrued_fees": ("month end: fees not settled yet", "月末：计提未结算费用"),
    "returns_provided": ("month end: provision for returns", "月末：计提预计退货"),
    "unbilled_ads": ("month end: advertising not billed yet", "月末：计提未入账推广费"),
    "carried_forward": ("month end: a settlement of two periods", "月末：跨期结算结转"),
    "fx_realised": ("month end: realised exchange difference", "月末：已实现汇兑损益"),
    "fx_unrealised": ("month end: unrealised exchange difference", "月末：未实现汇兑损益"),
    "taken_back": ("published, then taken back", "已发布后撤销"),
    "reversal": ("reversal", "冲销"),
    "restatement": ("restatement of a closed period", "已关账期间的更正"),
}
"""Posting rules."""

WORDS: Mapping[str, tuple[str, str]] = {
    "order": ("order", "订单"),
    "entry": ("entry", "凭证"),
    "row": ("row", "行"),
    "sheet": ("sheet", "工作表"),
    "more": ("more", "项未列出"),
    "in_books": ("in the books", "账上"),
    "hidden": ("personal, not shown", "个人信息，不显示"),
    "empty": ("empty", "空"),
    "share_of": ("a share of", "分摊自"),
    "no_parts": (
        "the tables do not give it: kept in the books, or booked at closing",
        "现有数据不产生此分录：账上保留或关账时入账",
    ),
    "rate": ("rate", "税率"),
    "deeper": ("Any id can be asked in the same way", "任一编号均可同样查询"),
    "given": ("from settings, shipped rates or kept entries", "来自设置、内置汇率或已保留凭证"),
    "seen": ("see above", "见上"),
    "constant": ("always the same value", "固定值"),
    "no_files": ("no format of this platform fills it", "该平台没有文件提供此列"),
}
"""Other words."""


def word(key: str, lang: str) -> str:
    """One of `WORDS`."""
    return WORDS[key][_INDEX[lang]]


def part_word(code: str, lang: str) -> str:
    """What a component is called; a code without a word stays."""
    return PARTS[code][_INDEX[lang]] if code in PARTS else code


def rule_word(code: str, lang: str) -> str:
    """What a posting rule is called; a code without a word stays."""
    return RULES[code][_INDEX[lang]] if code in RULES else code


def line_title(key: str, lang: str) -> str:
    """What a line of the P&L is called."""
    return next((line.title[lang] for line in LINES if line.key == key), key)


def title_of(node: Node, say: Vocabulary) -> str:
    """What a node is called: never a value of class personal, since no node holds one."""
    titles = {"line": _figure_title, "postings": _posting_title, "posting": _posting_title, "row": _row_title}
    if node.kind in titles:
        return titles[node.kind](node, say)
    plain = {
        "entry": f"{word('entry', say.lang)} · {rule_word(node.name, say.lang)} · {node.facts.get('day', '')}",
        "order": f"{word('order', say.lang)} {node.name}",
        "cause": f"{node.facts.get('cause_kind', '')} {node.name}".strip(),
        "component": part_word(node.name, say.lang),
        "exception": say.value("kind", node.name),
        "report": say.column(node.name),
        "row_of_table": node.name,
    }
    return plain[node.kind]


def _figure_title(node: Node, say: Vocabulary) -> str:
    facts = node.facts
    channel = say.heading("channel", facts["channel"]) if "channel" in facts else ""
    period = "" if facts.get("period") == ALL else facts.get("period", "")
    texts = (line_title(node.name, say.lang), channel, facts.get("shop", ""), facts.get("sku_id", ""), period)
    return " · ".join(text for text in texts if text)


def _posting_title(node: Node, say: Vocabulary) -> str:
    rule = rule_word(node.facts.get("rule", ""), say.lang)
    return " · ".join(text for text in (say.value("account", node.name), rule, node.facts.get("day", "")) if text)


def _row_title(node: Node, say: Vocabulary) -> str:
    facts = node.facts
    sheet = f" · {word('sheet', say.lang)} {facts['sheet']}" if facts.get("sheet") else ""
    return f"{facts['file']}{sheet} · {word('row', say.lang)} {facts['row_no']}"
