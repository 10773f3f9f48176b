"""Formats of the tax platform's export of all invoices.

Source: published readers of the workbook, read 2026-11. Sheet 发票基础信息 has one row per invoice, sheet
信息汇总表 one per line; an empty number may be written `--`. The generation of 2024 and before says 全电发票号码.
"""

from entrepot.connectors.contract import FileFormat, WireColumn, money, unread
from entrepot.model import ResidencyClass

_BUSINESS = ResidencyClass.BUSINESS
_LOCAL = ResidencyClass.LOCAL


def _invoice_columns() -> tuple[WireColumn, ...]:
    """Columns that both sheets have."""
    return (
        WireColumn("发票代码", is_id=True),
        WireColumn("发票号码", is_id=True),
        WireColumn("数电发票号码", aliases=("全电发票号码",), required=True, is_id=True),
        WireColumn("销方识别号", _BUSINESS, is_id=True),
        WireColumn("销方名称", _BUSINESS, required=True),
        WireColumn("购方识别号", _LOCAL, is_id=True),
        WireColumn("购买方名称", _LOCAL, aliases=("购方名称",), required=True),
        WireColumn("开票日期", required=True),
        money("金额", required=True),
        money("税额", required=True),
        money("价税合计", required=True),
        WireColumn("发票票种"),
        WireColumn("发票状态", required=True),
        WireColumn("是否正数发票", required=True),
        WireColumn("备注", _LOCAL, free_text=True),
        *unread("序号", "发票来源", "发票风险等级", "开票人"),
    )


INVOICES = FileFormat(
    name="efapiao_invoices",
    channel="own",
    title={"zh": "全量发票清单（发票基础信息）", "en": "List of tax invoices, one row per invoice"},
    source="published readers; sheet 发票基础信息",
    columns=_invoice_columns(),
    empty_words=("--", "-"),
)

LINES = FileFormat(
    name="efapiao_lines",
    channel="own",
    title={"zh": "全量发票清单（信息汇总表）", "en": "List of tax invoices, one row per line"},
    source="published readers; sheet 信息汇总表",
    columns=(
        *_invoice_columns(),
        WireColumn("税收分类编码", _BUSINESS, is_id=True),
        WireColumn("货物或应税劳务名称", _BUSINESS, required=True),
        WireColumn("税率", _BUSINESS, aliases=("税率/征收率",), required=True),
        *unread("特定业务类型", "规格型号", "单位", "数量", "单价"),
    ),
    empty_words=("--", "-"),
)

FORMATS = (INVOICES, LINES)
