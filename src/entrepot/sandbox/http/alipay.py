"""Alipay's open API as far as a day's ledger goes: signed forms, a link that lives 30 seconds, an archive in GBK.

Source: opendocs.alipay.com on signatures, common answers and alipay.data.dataservice.bill.downloadurl.query, read
2026-11. Not sourced, and set here: ten minutes of tolerance for the time of a call, the status of a link that has
ended, that a file is at most a day late.
"""

from __future__ import annotations

import io
import json
import zipfile
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from entrepot.sandbox.http.bills import (
    DAY,
    Links,
    Move,
    beijing,
    day_start_s,
    flipped,
    half_up,
    private_key_text,
    verifies,
    yuan,
)
from entrepot.sandbox.http.platform import Asked, Said, Simulated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.world import LiveWorld

_GATEWAY, _DOWNLOAD = "/alipay/gateway.do", "/alipay/downloadBillFile.resource"
_METHOD = "alipay.data.dataservice.bill.downloadurl.query"
_HEADER = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,"
    "收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注"
)
_RULE = "-" * 40
_WORDS = {
    "income": ("在线支付", ""),
    "platform": ("交易付款", "天猫卡券与集分宝结算"),
    "fee": ("其它", "天猫佣金（类目）"),
    "refund": ("交易退款", "售后退款"),
}
_KINDS = {"income": "order_income", "platform": "order_income", "fee": "fee", "refund": "order_refund"}
_OPENING_MINOR, _COMMISSION_BP = 5_000_000, 500
_READY_S, _LATEST_S, _TOLERANCE_S = 9 * 3_600, 33 * 3_600, 600


class _Refused(Exception):
    """An answer that is an error."""

    def __init__(self, code: str, sub_code: str, message: str, name: str = "error_response") -> None:
        super().__init__(sub_code)
        said = {"code": code, "msg": message, "sub_code": sub_code, "sub_msg": message}
        self.said = Said(json.dumps({name: said}).encode())


class Alipay(Simulated):
    """The account that a Tmall shop is paid out to; its orders are those of the simulated Tmall shop."""

    name = "alipay"
    renamed = ("", "")
    has_orders = False
    app_id, account = "2021000000000001", "20880000000000000156"
    link_life_s = 30.0

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._links = Links(self.link_life_s)

    def claims(self, path: str) -> bool:
        """The gateway, and where its links lead."""
        return path in (_GATEWAY, _DOWNLOAD)

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`. The link is of the address that the gateway was given under."""
        self._base = base_url
        return {"gateway_url": base_url + _GATEWAY, "app_id": self.app_id, "private_key": private_key_text()}

    def answer(self, asked: Asked) -> Said:
        """Check the signature, then tell the link; or give the file."""
        if asked.path == _DOWNLOAD:
            return self._file(asked)
        name = _METHOD.replace(".", "_") + "_response"
        try:
            return Said(json.dumps({name: self._link(asked, name), "sign": "of the sandbox, never checked"}).encode())
        except _Refused as refused:
            return refused.said

    def truth(self) -> dict[str, Any]:
        """Lines of every day whose file is made by now."""
        made = [(move, after) for move, after in self._moves if self._is_made(move.at - (move.at + 8 * 3_600) % DAY)]
        return {
            "orders": [],
            "after_sales": [],
            "settlement_lines": [
                {
                    "line_id": f"alipay:{self.account}:{move.number}",
                    "order_id": move.order.order_id,
                    "kind": _KINDS[move.what],
                    "amount_minor": move.minor,
                }
                for move, _ in made
            ],
            "wallet_lines": [
                {
                    "line_id": f"alipay:{self.account}:{move.number}",
                    "amount_minor": move.minor,
                    "balance_minor": after,
                }
                for move, after in made
            ],
        }

    def files(self) -> dict[str, bytes]:
        """Every file that is made by now, by name, as a person would download it."""
        first = self.world.start_s - (self.world.start_s + 8 * 3_600) % DAY
        days = [beijing(at)[:10] for at in range(first, self.now, DAY) if self._is_made(at)]
        return {f"{self.account}_{day}.zip": packed for day in days if (packed := self._packed(day)) is not None}

    def _is_made(self, start: int) -> bool:
        return self.now >= start + DAY + _READY_S

    def _link(self, asked: Asked, name: str) -> dict[str, str]:
        form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        text = "&".join(f"{key}={value}" for key, value in sorted(form.items()) if key != "sign" and value)
        if form.get("app_id") != self.app_id:
            raise _Refused("40002", "isv.invalid-app-id", "无效的AppID参数")
        if form.get("sign_type") != "RSA2" or not verifies(text, form.get("sign", "")):
            raise _Refused("40002", "isv.invalid-signature", "无效签名")
        if form.get("method") != _METHOD or form.get("charset") != "utf-8" or form.get("version") != "1.0":
            raise _Refused("40002", "isv.invalid-method", "不存在的方法名")
        if abs(self._instant(form.get("timestamp", "")) - self.now) > _TOLERANCE_S:
            raise _Refused("40002", "isv.invalid-timestamp", "非法的时间戳参数")
        if self.faults.fires("throttle"):
            raise _Refused("40005", "isv.method-call-limited", "接口调用次数超限")
        asks = json.loads(form.get("biz_content", "{}"))
        start = day_start_s(str(asks.get("bill_date", "")))
        if asks.get("bill_type") not in ("trade", "signcustomer") or start is None or start + DAY > self.now:
            raise _Refused("40004", "isv.invalid_arguments", "入参不合法", name)
        is_late = self.now < start + DAY + _LATEST_S and self.faults.fires("file_late")
        day = asks["bill_date"]
        if asks["bill_type"] == "trade" or not self._is_made(start) or is_late or self._packed(day) is None:
            raise _Refused("40004", "isp.bill_not_exist", "账单不存在", name)
        token = self._links.give(day, self.now, is_over=self.faults.fires("link_expired"))
        url = f"{self._base}{_DOWNLOAD}?bizType=signcustomer&fileType=csv.zip&fileId={token}"
        return {"code": "10000", "msg": "Success", "bill_download_url": url}

    @staticmethod
    def _instant(text: str) -> int:
        start = day_start_s(text[:10])
        if start is None or len(text) != len("2026-11-01 00:00:00"):
            raise _Refused("40002", "isv.invalid-timestamp", "非法的时间戳参数")
        hour, minute, second = (int(part) for part in text[11:].split(":"))
        return start + hour * 3_600 + minute * 60 + second

    def _file(self, asked: Asked) -> Said:
        day = self._links.leads_to(asked.query.get("fileId", ""), self.now)
        packed = self._packed(day) if day else None
        if packed is None:
            return Said("下载链接已失效".encode(), 403, {"content-type": "text/html"})
        content = flipped(packed) if self.faults.fires("digest_wrong") else packed
        return Said(content, 200, {"content-type": "application/zip"})

    @cached_property
    def _moves(self) -> list[tuple[Move, int]]:
        """Every movement of the world with the balance behind it, oldest first."""
        moves, end_s = [], self.world.end_s
        for order in self.world.made:
            at = {event.what: event.at for event in order.events}
            confirmed = at.get("confirmed")
            if confirmed is None:
                continue
            view = order.seen(end_s)
            assert view is not None, "at its end every order is there"
            back = view.refunded_minor
            # What is given back before the buyer confirms is never paid out.
            held = back if at.get("refund_done", confirmed + 1) <= confirmed else 0
            lent = order.platform_minor + order.points_minor
            income = order.cash_minor - held
            moves.append(Move(confirmed, order, "income", income))
            moves.append(Move(confirmed, order, "platform", lent))
            moves.append(Move(confirmed, order, "fee", -half_up(income + lent, _COMMISSION_BP)))
            moves.append(Move(at.get("refund_done", confirmed), order, "refund", held - back))
        ordered = sorted((move for move in moves if move.minor), key=lambda move: (move.at, move.number))
        balance, out = _OPENING_MINOR, []
        for move in ordered:
            balance += move.minor
            out.append((move, balance))
        return out

    def _packed(self, day: str) -> bytes | None:
        """The archive of a day: its movements, and their sums; None where nothing moved."""
        start = day_start_s(day)
        assert start is not None, "only days are asked for here"
        rows = [(move, after) for move, after in self._moves if start <= move.at < start + DAY]
        if not rows:
            return None
        name = f"{self.account}_{day.replace('-', '')}"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_GbkName(f"{name}_账务明细.csv"), self._ledger(day, rows).encode("gbk"))
            archive.writestr(_GbkName(f"{name}_账务明细(汇总).csv"), _sums(rows).encode("gbk"))
        return out.getvalue()

    def _ledger(self, day: str, rows: Sequence[tuple[Move, int]]) -> str:
        sums = {sign: [abs(move.minor) for move, _ in rows if move.minor * sign > 0] for sign in (-1, 1)}
        return (
            f"#支付宝账务明细查询\n#账号：[{self.account}]\n"
            f"#起始日期：[{day} 00:00:00]   终止日期：[{day} 23:59:59]\n"
            f"#{_RULE}账务明细列表{_RULE}\n{_HEADER}\n"
            + "".join(",".join(_cells(move, after)) + "\n" for move, after in rows)
            + f"#{_RULE}账务明细列表结束{_RULE}\n"
            + f"#支出合计：{len(sums[-1])}笔，共{yuan(sum(sums[-1]))}元\n"
            + f"#收入合计：{len(sums[1])}笔，共{yuan(sum(sums[1]))}元\n"
            + f"#导出时间：[{beijing((day_start_s(day) or 0) + DAY + 3_600)}]\n"
        )


class _GbkName(zipfile.ZipInfo):
    """A member whose name is GBK and says nothing of it, as archives of Alipay have it."""

    def __init__(self, name: str) -> None:
        super().__init__(name, (2026, 11, 1, 0, 0, 0))
        self.compress_type = zipfile.ZIP_DEFLATED

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 the name that zipfile calls
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def _cells(move: Move, after: int) -> list[str]:
    kind, remark = _WORDS[move.what]
    return [
        f"{move.number}\t",
        f"YX{move.number}\t",
        f"T200P{move.order.order_id}\t",
        "商品\t",
        beijing(move.at),
        f"{move.order.buyer}@sandbox.example\t",
        yuan(max(move.minor, 0)),
        yuan(max(-move.minor, 0)),
        yuan(after),
        "支付宝",
        kind,
        remark,
    ]


def _sums(rows: Sequence[tuple[Move, int]]) -> str:
    lines = ["#支付宝账务汇总查询", "类型,笔数,金额（元）"]
    for what, (kind, remark) in _WORDS.items():
        found = [move.minor for move, _ in rows if move.what == what]
        lines.append(f"{kind} {remark},{len(found)},{yuan(sum(found))}")
    return "\n".join(lines) + "\n"
