"""Words of the workbook: names of sheets, the cover, notes."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "cover": ("Cover", "封面"),
    "pnl_channel": ("P&L by channel", "损益-按渠道"),
    "pnl_shop": ("P&L by shop", "损益-按店铺"),
    "pnl_month": ("P&L by month", "损益-按月"),
    "gmv_bridge": ("GMV bridge", "GMV桥"),
    "settlement_status": ("Settlement status", "结算状态"),
    "exceptions_summary": ("Exceptions", "待处理事项"),
    "exceptions": ("Exceptions one by one", "待处理事项明细"),
    "fx_sources": ("Exchange rates", "汇率核对"),
    "trial_balance": ("Trial balance", "试算平衡表"),
    "title": ("Reports of {company}", "{company} 报表"),
    "title_unnamed": ("Reports", "报表"),
    "company": ("Company", "公司"),
    "period": ("Period", "期间"),
    "all": ("all that was imported", "全部已导入数据"),
    "currency": ("Reporting currency", "报告币种"),
    "snapshot": ("Snapshot", "数据快照"),
    "snapshot_at": ("no. {id}, published {at} UTC", "第 {id} 号，发布于 {at} UTC"),
    "rates": ("Exchange rates", "汇率来源"),
    "ecb": ("European Central Bank, reference rates of each accounting day", "欧洲央行，各记账日参考汇率"),
    "rates_own": ("your imported list {name}", "导入的汇率表 {name}"),
    "sheets": ("Sheets", "工作表"),
    "rows": ("{n} rows", "{n} 行"),
    "how": ("How to read it", "阅读说明"),
    "how_1": (
        "Net revenue is without VAT, after the merchant's discounts and refunds. Income is positive, cost negative.",
        "净收入不含增值税，已扣除商家自担优惠和退款。收入为正，成本费用为负。",
    ),
    "how_2": (
        "Revenue whose cost is unknown is taken out before gross margin; a margin without one known cost says unknown.",
        "成本未知的收入在毛利之前剔除；没有任何已知成本时，毛利显示为未知。",
    ),
    "how_3": (
        "Only the P&L follows the period above. Every other sheet has the books whole, in the currency its rows name.",
        "仅损益表按上述期间；其他工作表为全部账面数据，币种见各行。",
    ),
    "how_4": (
        "Sums are formulas. In a sheet of several currencies there is one sum per currency, never one over all.",
        "合计均为公式。含多个币种的工作表按币种分别合计，不跨币种相加。",
    ),
    "how_5": (
        "Where a figure comes from: entrepot explain value, down to the cell of the imported file.",
        "数字来源可用 entrepot explain value 追溯到导入文件的单元格。",
    ),
    "amounts_in": ("{period} · amounts in {currency}", "{period} · 金额单位 {currency}"),
    "whole_books": ("The whole books", "全部账面数据"),
    "cut": ("Only the first {shown} of {all} rows fit here", "共 {all} 行，仅列出前 {shown} 行"),
    "column_exception_id": ("id (entrepot explain value exception/…)", "编号（entrepot explain value exception/…）"),
    "line": ("Line", "项目"),
    "total": ("Total", "合计"),
    "unknown": ("unknown", "未知"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
}


def word(key: str, lang: str, **facts: object) -> str:
    """A word in `en` or `zh`, with facts filled in."""
    text = WORDS[key][{"en": 0, "zh": 1}[lang]]
    return text.format(**facts) if facts else text
