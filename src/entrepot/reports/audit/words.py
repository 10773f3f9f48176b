"""Words of the audit, English and Chinese: headings, states, reasons. JSON keeps the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.reports.words import Vocabulary, stated_total

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.reports.audit.shape import AuditedFile, Missing, Step, Title

SHOP_ASSUMED = "shop_assumed"
"""A finding that stands on most files of a folder without settings; it is told once."""

_FORMULA = (
    "Hours per month = ({files} files × (download + retype) + {order_lines} order lines ÷ 100 × reconcile "
    "+ {exceptions} exceptions × resolve) ÷ {months} months + {links} links × upkeep; "
    "set-up = {links} links × build; minutes ÷ 60."
)
_FORMULA_ZH = (
    "每月工时 =（{files} 个文件 ×（下载 + 整理）+ {order_lines} 条订单行 ÷ 100 × 对账 + {exceptions} 项异常 × 处理）"
    "÷ {months} 个月 + {links} 个接口 × 维护；搭建 = {links} 个接口 × 开发；分钟 ÷ 60。"
)

WORDS: dict[str, tuple[str, str]] = {
    "title": ("First look at your files", "数据文件初诊"),
    "files": ("Files", "文件"),
    "file": ("File", "文件"),
    "file_total": ("files found", "个文件"),
    "known_total": ("recognised", "个已识别"),
    "row_total": ("rows", "行"),
    "recognised_as": ("Recognised as", "识别为"),
    "platform": ("Platform", "平台"),
    "shop": ("Shop", "店铺"),
    "rows": ("Rows", "行数"),
    "quarantined": ("Refused", "拒收"),
    "from": ("From", "起"),
    "to": ("To", "止"),
    "encoding": ("Encoding", "编码"),
    "totals": ("Own totals", "文件自带合计"),
    "agree": ("agree", "一致"),
    "differ": ("differ", "不一致"),
    "doubts": ("Doubts", "疑点"),
    "unknown_columns": ("unknown columns", "未知列"),
    "shops_unnamed": (
        "No shop is named in files of {channels}; name the shops in cell.toml.",
        "{channels} 的文件未指明店铺；请在 cell.toml 中登记店铺。",
    ),
    "same_as": ("the same content as", "内容相同于"),
    "same_columns": ("the same columns as", "列与此文件相同："),
    "nearest": ("nearest is", "最接近"),
    "lacks": ("lacks", "缺少"),
    "has": ("has besides", "多出"),
    "nothing": ("Nothing was found in this folder.", "该文件夹中没有文件。"),
    "missing": ("What is missing for each report", "各报表还缺什么"),
    "report": ("Report", "报表"),
    "needs": ("Needs", "所需数据"),
    "state": ("State", "状态"),
    "what_to_do": ("What brings it", "由何文件提供"),
    "all_there": ("Everything that is needed is there.", "所需数据齐全。"),
    "fields": ("Field mapping", "字段映射"),
    "fields_why": (
        "Read off the mapping's own SQL. A column that only decides is read for a key, a check or a condition.",
        "由映射 SQL 自动推导。“仅判断”的列只用于主键、校验或条件。",
    ),
    "column": ("Column", "列"),
    "class": ("Class", "数据级别"),
    "feeds": ("Feeds", "去向"),
    "unread": ("nothing reads it", "未读取"),
    "decides": ("decides only", "仅判断"),
    "not_in_files": ("not in these files", "文件中没有"),
    "hours": ("Hours of four approaches", "四种做法的工时"),
    "approach": ("Approach", "做法"),
    "month": ("Hours per month", "每月工时"),
    "setup": ("Hours to set up", "搭建工时"),
    "year": ("First twelve months", "首年合计"),
    "saved": ("Saved per month", "每月节省"),
    "formula": (_FORMULA, _FORMULA_ZH),
    "assumptions": ("Minutes assumed", "假设（分钟）"),
    "assumed": (
        "Every number of minutes is an assumption of {as_of}, measured nowhere; replace them with --assumptions FILE.",
        "各项分钟数均为 {as_of} 的假设，未经实测；可用 --assumptions FILE 替换。",
    ),
    "rollout": ("Order of roll-out", "上线顺序"),
    "step": ("Step", "步骤"),
    "why": ("Why here", "理由"),
    "value": ("Paid orders", "已付订单金额"),
    "value_note": (
        "at the newest shipped ECB rate; it puts platforms in order and is no figure of the books",
        "按最新内置欧洲央行汇率折算，仅用于排序，不是账面数",
    ),
    "orders": ("Orders", "订单数"),
    "exceptions": ("to look at", "待处理"),
}

STATUS: dict[str, tuple[str, str]] = {
    "recognised": ("recognised", "已识别"),
    "duplicate": ("the same again", "重复"),
    "not_recognised": ("not known", "未识别"),
    "unreadable": ("unreadable", "无法读取"),
    "refused": ("refused", "拒收"),
}
REPORT_TITLES: dict[str, tuple[str, str]] = {
    "pnl": ("Profit and loss", "损益表"),
    "gmv_bridge": ("GMV bridge", "GMV 桥"),
    "settlement_status": ("Settlement status", "结算状态"),
    "wallet_check": ("Wallet check", "钱包核对"),
    "acquisition": ("What new buyers cost", "获客成本"),
    "ageing": ("What is still with the platforms", "平台资金账龄"),
    "cash_forecast": ("Cash forecast", "回款预测"),
    "invoicing": ("Invoices beside sales and fees", "发票与销售及费用核对"),
    "tax_bridge": ("From what platforms report to the tax authority to the ledger", "平台涉税报送与账簿核对"),
    "stock_turnover": ("Stock turnover", "库存周转"),
    "platform_figures": ("Our figures beside the platforms'", "与平台后台数据核对"),
    "on_offer": ("Listings beside catalogue, cost and stock", "在售商品与商品档案、成本及库存核对"),
}
NEED_TITLES: dict[str, tuple[str, str]] = {
    "orders": ("order list", "订单"),
    "order_lines": ("order lines", "订单明细"),
    "settlement_lines": ("settlement or wallet", "结算或账务明细"),
    "wallet_lines": ("wallet statement", "钱包流水"),
    "sku_costs": ("SKU costs", "商品成本"),
    "ad_spend": ("advertising", "推广花费"),
    "fx_rates": ("exchange rates", "汇率"),
    "stock_snapshots": ("stock list", "库存清单"),
    "bank_lines": ("bank statement", "银行流水"),
    "invoices": ("e-invoices", "数电发票"),
    "stated_figures": ("figures of the seller centre", "卖家后台数据"),
    "listings": ("listings", "在售商品"),
}
NEED_STATES: dict[str, tuple[str, str]] = {
    "there": ("there", "齐全"),
    "partly": ("partly", "部分"),
    "missing": ("missing", "缺失"),
}
APPROACHES: dict[str, tuple[str, str]] = {
    "manual": ("By hand, CSV", "手工 CSV"),
    "point_to_point": ("Point to point", "点对点接口"),
    "ipaas": ("iPaaS", "集成平台 iPaaS"),
    "purpose_built": ("Purpose-built (this)", "专用工具（本工具）"),
}
ITEMS: dict[str, tuple[str, str]] = {
    "download_file": ("download, per file", "下载（每文件）"),
    "retype_file": ("retype, per file", "整理（每文件）"),
    "reconcile_100_lines": ("reconcile, per 100 order lines", "对账（每百条订单行）"),
    "resolve_exception": ("resolve, per exception", "处理（每项异常）"),
    "upkeep_link": ("upkeep per month, per link", "维护（每接口每月）"),
    "build_link": ("build, per link", "开发（每接口）"),
}
HOWS: dict[str, tuple[str, str]] = {
    "copied": ("copied", "照抄"),
    "converted": ("converted", "转换"),
    "computed": ("computed", "计算"),
    "looked_up": ("looked up", "查码表"),
}
_DETAILS: dict[str, tuple[str, str]] = {
    "no_format": (
        "no file of it is known; describe one as a declared format",
        "尚无已知文件格式；请用自定义格式描述",
    ),
    "by_api": ("it comes by API alone: entrepot sync", "仅能通过接口获取：entrepot sync"),
    "costs": (
        "{skus_with_cost} of {skus_sold} SKUs have a cost for every day of sale",
        "{skus_sold} 个商品中 {skus_with_cost} 个在每个销售日都有成本",
    ),
    "ends_early": (
        "it ends {settlement_last}, the orders {orders_last}",
        "止于 {settlement_last}，而订单到 {orders_last}",
    ),
    "no_rate": ("no shipped rate for {currencies}", "没有 {currencies} 的内置汇率"),
}
_MONTHS = ("not there: {}", "缺少 {}")
_WHATS: dict[str, tuple[str, str]] = {
    "costs": ("SKU list with costs", "商品资料及成本表"),
    "platform": ("{channel}", "{channel}"),
    "declare": ("Describe the unknown files", "为未识别的文件自定义格式"),
    "advertising": ("Advertising", "推广花费"),
    "close": ("Month-end close from exceptions", "按异常清单月结"),
}
_REASONS: dict[str, tuple[str, str]] = {
    "no_margin_without_costs": (
        "SKUs sold without a known cost: {skus}; no platform has their margin without it",
        "{skus} 个已售商品没有成本，任何平台都算不出其毛利",
    ),
    "whole_and_first": (
        "orders and settlement are whole, and of the whole ones it is worth most: one platform first",
        "订单与结算齐全，且在齐全的平台中金额最大：先上一个平台",
    ),
    "whole": ("orders and settlement are whole; by value it comes next", "订单与结算齐全，按金额排在其后"),
    "nearest_to_whole": (
        "no platform is whole; this one lacks least, or is worth most: {lacking}",
        "没有齐全的平台；此平台缺得最少或金额最大，尚缺：{lacking}",
    ),
    "gaps_first": ("its gaps are closed first: {lacking}", "先补齐：{lacking}"),
    "files_unknown": (
        "files of no known format: {files}, kinds: {kinds}; a declared format reads each kind once one platform stands",
        "{files} 个文件格式未知，共 {kinds} 种；首个平台上线后，每种用一个自定义格式读取",
    ),
    "advertising_missing": (
        "the P&L ends before advertising without it: {channels}",
        "缺少推广花费，损益表无法算到贡献毛利：{channels}",
    ),
    "close_by_exception": (
        "when every platform reconciles, closing the month is a review of exceptions",
        "各平台都能对账后，月结只需处理异常",
    ),
}
_JOINED = (", ", "、")


class AuditWords:
    """Words in one language.

    Args:
        lang: `en` or `zh`.
        channels: Channel to its title.
    """

    def __init__(self, lang: str, channels: dict[str, str]) -> None:
        self.lang, self.channels = lang, channels
        self._index = {"en": 0, "zh": 1}[lang]

    def word(self, key: str, **facts: object) -> str:
        """A heading or sentence, its places filled."""
        return WORDS[key][self._index].format(**facts)

    def code(self, words: dict[str, tuple[str, str]], code: str) -> str:
        """A code's word; a new code stands as it is."""
        return words[code][self._index] if code in words else code

    def title(self, title: Title) -> str:
        """A title in this language."""
        return title.get(self.lang, "")

    def channel(self, name: str) -> str:
        """A platform's title."""
        return self.channels.get(name, name)

    def finding(self, kind: str) -> str:
        """A doubt about a file."""
        return Vocabulary(self.lang).value("finding", kind)

    def reason_of(self, code: str) -> str:
        """Why a row was refused; English readers search for the code."""
        return Vocabulary(self.lang).shown("cause", code)

    def total(self, total: Mapping[str, Any]) -> str:
        """A total of the file's own that its rows do not give, both written as people write them."""
        stated, found = (stated_total(total["name"], total[key]) for key in ("stated", "found"))
        return f"{self.word('totals')} {self.word('differ')}: {self.reason_of(total['name'])} {stated} / {found}"

    def joined(self, parts: Sequence[str]) -> str:
        """A list as people write it."""
        return _JOINED[self._index].join(parts)

    def doubt(self, need: Missing) -> str:
        """What is missing and how much of it: months, costs, days."""
        parts = [_MONTHS[self._index].format(self.joined(need.months))] if need.months else []
        if need.detail:
            parts.append(_DETAILS[need.detail][self._index].format(**self._facts(need.facts)))
        return self.joined(parts)

    def what(self, step: Step) -> str:
        """A step's heading."""
        return _WHATS[step.what][self._index].format(channel=self.channel(step.channel))

    def reason(self, step: Step) -> str:
        """Why a step stands where it stands."""
        return _REASONS[step.reason][self._index].format(**self._facts(step.facts))

    def _facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Lists of needs and channels in words."""
        told = dict(facts)
        if "lacking" in facts:
            told["lacking"] = self.joined([self.code(NEED_TITLES, each) for each in facts["lacking"]])
        if "channels" in facts:
            told["channels"] = self.joined([self.channel(each) for each in facts["channels"]])
        if "currencies" in facts:
            told["currencies"] = self.joined(facts["currencies"])
        return told


def unnamed_shops(files: Sequence[AuditedFile], say: AuditWords) -> str:
    """One sentence for all files that name no shop, instead of one per file; empty where every shop is named."""
    found = {file.channel for file in files for each in file.findings if each["kind"] == SHOP_ASSUMED}
    if not found:
        return ""
    return say.word("shops_unnamed", channels=say.joined(sorted(say.channel(name) for name in found)))


def hours_text(minutes: int) -> str:
    """Minutes as hours with one decimal, half up: 1215 is 20.3, -90 is −1.5."""
    tenths = (abs(minutes) * 2 + 6) // 12
    return f"{'−' if minutes < 0 and tenths else ''}{tenths // 10:,}.{tenths % 10}"
