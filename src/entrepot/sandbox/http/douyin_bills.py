"""Douyin Shop's files of settlements and funds: ordered by a call, made in the background, fetched by a link.

Source: descriptions in the official SDKs of order.downloadSettleItemToShop, order.downloadToShop,
order.downloadShopAccountItem and order.downloadShopAccountItemFile, read 2026-11. Not sourced, and set here: that the
files are those of the seller centre, that a day without rows gives their header, how long a file takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.bills import DAY, Links, beijing, day_start_s, half_up, yuan

if TYPE_CHECKING:
    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.world import LiveLine, LiveOrder, LiveWorld

STORED = "/douyin-storage/item"
ORDERED = {"order.downloadSettleItemToShop": "settlement", "order.downloadShopAccountItem": "fund"}
LINKED = {"order.downloadToShop": "settlement", "order.downloadShopAccountItemFile": "fund"}
_READY_S = {"settlement": 10 * 3_600, "fund": 15 * 3_600}
_TAKES_S, _LINK_S, _TICKET_S = 20, 3_600.0, DAY
_UNKNOWN, _UNMADE, _GONE = "100002", "100015", "100016"
_SERVICE_BP, _PAYOUT_MINOR = 500, 10_000
_SETTLEMENT = (
    "结算时间,订单号,子订单号,结算金额,结算账户,结算单类型,有结算前退款,下单时间,商品ID,商品数量,业务类型,订单类型,订单总价,商品总价,"
    "运费,店铺劵,结算前退款金额,平台补贴,达人补贴,抖音支付补贴,抖音月付营销补贴,用户实付,收入合计,平台服务费,佣金,渠道分成,招商服务费,"
    "站外推广费,其他分成,其他分成说明,支出合计,是否免佣,免佣金额,备注"
)
_FUND = (
    "动账时间,动帐流水号,动账方向,动账金额,动账账户,动账场景,计费类型,子订单号,订单号,售后编号,下单时间,商品ID,订单类型,订单实付应结,"
    "运费实付,实际平台补贴_运费,实际平台补贴,实际达人补贴,实际抖音支付补贴,实际抖音月付营销补贴,订单退款,平台服务费,佣金,渠道分成,"
    "招商服务费,站外推广费,其他分成,是否免佣,免佣金额,备注"
)


@dataclass(frozen=True, slots=True)
class _Settled:
    """One row of a settlement: a sub-order, or a refund behind it."""

    at: int
    order: LiveOrder
    line: LiveLine
    income_minor: int
    before_minor: int
    refund_minor: int

    @property
    def fee_minor(self) -> int:
        """The platform's fee, negative."""
        return -half_up(self.income_minor, _SERVICE_BP)

    @property
    def amount_minor(self) -> int:
        """What moves."""
        return -self.refund_minor if self.refund_minor else self.income_minor + self.fee_minor


@dataclass
class Bills:
    """Files of one shop.

    Attributes:
        world: Its orders.
        faults: The dial.
        tickets: Download id to what was ordered and when.
    """

    world: LiveWorld
    faults: Faults
    tickets: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    _links: Links = field(default_factory=lambda: Links(_LINK_S))
    _ended: int = 0

    def ordered(self, method: str, params: dict[str, Any], now: int) -> dict[str, Any]:
        """Order a file; a day that is not settled yet is refused."""
        kind, day = ORDERED[method], str(params["start_time"])[:10]
        start = day_start_s(day)
        whole = (f"{day} 00:00:00", f"{day} 23:59:59")
        if start is None or (params["start_time"], params["end_time"]) != whole or str(params.get("time_type")) != "0":
            return _refused(40004, "isv.parameter-invalid:500", "参数异常，请检查参数")
        if now < start + DAY + _READY_S[kind] or self.faults.fires("file_late"):
            return _refused(50002, "isv.business-failed:100027", "账单明细未完全生成，暂不支持下载")
        ticket = f"DL{day.replace('-', '')}{len(self.tickets):012d}"
        self.tickets[ticket] = (kind, day, now)
        told = {"download_id": ticket}
        return {**told, "code": "100000", "code_msg": "success"} if kind == "settlement" else told

    def linked(self, method: str, params: dict[str, Any], now: int, base: str) -> dict[str, Any]:
        """Where an ordered file is; the two methods tell troubles in different places."""
        ticket = str(params["download_id"])
        kind, day, at = self.tickets.get(ticket, ("", "", 0))
        is_over = self.faults.fires("link_expired")
        self._ended += is_over
        code = ""
        if kind != LINKED[method]:
            code = _UNKNOWN
        elif now < at + _TAKES_S:
            code = _UNMADE
        elif now > at + _TICKET_S or (is_over and self._ended % 2):
            # Every other link ends as what was ordered does, and not by itself.
            code = _GONE
        if code and LINKED[method] == "settlement":
            return {"code": code, "code_msg": "还没有文件", "url": ""}
        if code:
            outer = (50002, "isv.business-failed") if code == _UNMADE else (40004, "isv.parameter-invalid")
            return _refused(outer[0], f"{outer[1]}:{code}", "还没有文件")
        token = self._links.give(f"{kind} {day}", now, is_over=is_over)
        url = f"{base}{STORED}/{ticket}.csv?x-signature={token}"
        return {"code": "100000", "code_msg": "success", "url": url} if kind == "settlement" else {"url": url}

    def stored(self, token: str, now: int) -> bytes | None:
        """The file that a link leads to."""
        what = self._links.leads_to(token, now)
        return None if what is None else self.text(*what.split(" ")).encode("utf-8-sig")

    def files(self, now: int) -> dict[str, bytes]:
        """Every file that may be ordered by now, by name, as a person would download it."""
        first = self.world.start_s - (self.world.start_s + 8 * 3_600) % DAY
        return {
            f"{kind}_{beijing(at)[:10]}.csv": self.text(kind, beijing(at)[:10]).encode("utf-8-sig")
            for at in range(first, now, DAY)
            for kind, ready_s in _READY_S.items()
            if now >= at + DAY + ready_s
        }

    def text(self, kind: str, day: str) -> str:
        """A file of a day."""
        start = day_start_s(day)
        assert start is not None, "only days are asked for here"
        rows = sorted(self._rows(start), key=lambda each: (each.at, each.line.line_id))
        if kind == "settlement":
            header = _SETTLEMENT.split(",")
            formula = ["收入+支出" if name == "结算金额" else "" for name in header]
            return _paper([header, formula, *(_settled_cells(each) for each in rows)])
        header = _FUND.split(",")
        moves = [_fund_cells(header, each, number, day) for number, each in enumerate(rows)]
        if rows:
            moves.append(_payout_cells(header, day))
        return _paper([header, *moves])

    def _rows(self, start: int) -> list[_Settled]:
        """What is settled or given back in a day."""
        found, end_s = [], self.world.end_s
        for order in self.world.made:
            at = {event.what: event.at for event in order.events}
            confirmed, back_at = at.get("confirmed"), at.get("refund_done")
            view = order.seen(end_s)
            if confirmed is None or view is None:
                continue
            back = {line.line_id for line in view.refunded_lines} if back_at is not None else set()
            for place, line in enumerate(order.lines):
                freight = order.shipping_minor if place == 0 else 0
                is_before = line.line_id in back and back_at is not None and back_at <= confirmed
                before = line.share_minor if is_before else 0
                income = line.share_minor + line.points_minor + line.platform_minor + freight - before
                if start <= confirmed < start + DAY and income:
                    found.append(_Settled(confirmed, order, line, income, before, 0))
                is_behind = line.line_id in back and not is_before
                if is_behind and back_at is not None and start <= back_at < start + DAY:
                    found.append(_Settled(back_at, order, line, income, 0, line.share_minor))
        return found


def _settled_cells(each: _Settled) -> list[str]:
    order, line = each.order, each.line
    placed = next(event.at for event in order.events if event.what == "placed")
    fee = yuan(each.fee_minor)
    return [
        *(beijing(each.at), f"'{order.order_id}", f"'{line.line_id}", yuan(each.amount_minor), "聚合账户"),
        "结算后退款-原路退回" if each.refund_minor else "已结算",
        *("是" if each.before_minor else "否", beijing(placed), f"'{line.listing_id}", str(line.quantity)),
        *("自营", "普通订单", yuan(line.goods_minor), yuan(line.goods_minor), "0.00", yuan(line.merchant_minor)),
        *(yuan(each.before_minor), yuan(line.platform_minor), "0.00", yuan(line.points_minor), "0.00"),
        *(yuan(line.share_minor), yuan(each.income_minor), fee, "0.00", "0.00", "0.00", "0.00", "0.00", ""),
        *(fee, "否", "0.00", ""),
    ]


def _fund_cells(header: list[str], each: _Settled, number: int, day: str) -> list[str]:
    came = each.amount_minor >= 0
    told = {
        "动账时间": beijing(each.at),
        "动帐流水号": f"'{day.replace('-', '')}{each.line.line_id[-8:]}{number:04d}",
        "动账方向": "入账" if came else "出账",
        "动账金额": yuan(abs(each.amount_minor)),
        "动账账户": "聚合账户",
        "动账场景": "退款-结算后退款-退用户" if each.refund_minor else "货款结算入账",
        "计费类型": "小店自卖",
        "子订单号": f"'{each.line.line_id}",
        "订单号": f"'{each.order.order_id}",
    }
    return [told.get(name, "-") for name in header]


def _payout_cells(header: list[str], day: str) -> list[str]:
    told = {
        "动账时间": f"{day} 23:59:00",
        "动帐流水号": f"'{day.replace('-', '')}990000000001",
        "动账方向": "出账",
        "动账金额": yuan(_PAYOUT_MINOR),
        "动账账户": "聚合账户",
        "动账场景": "提现",
    }
    return [told.get(name, "-") for name in header]


def _paper(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


def _refused(code: int, sub_code: str, message: str) -> dict[str, Any]:
    return {"refused": {"code": code, "msg": "业务处理失败", "sub_code": sub_code, "sub_msg": message}}
