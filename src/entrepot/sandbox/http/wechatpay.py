"""WeChat Pay's API v3 as far as bills go: signed headers, a link with a token, a digest of the unpacked bill.

Source: pay.weixin.qq.com on signatures, trade bill, fund flow bill and download (2025-01), read 2026-11. Not sourced,
and set here: the life of a link (30 seconds, of 30 seconds and five minutes that were read), the status of a link that
has ended, the wording of messages.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from entrepot.sandbox.http.bills import (
    DAY,
    Links,
    Move,
    beijing,
    day_start_s,
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

_TRADES, _FUNDS, _DOWNLOAD = "/v3/bill/tradebill", "/v3/bill/fundflowbill", "/v3/billdownload/file"
_TRADE_HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
_TRADE_TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
_FUND_HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,"
    "资金变更提交申请人,备注,业务凭证号"
)
_FUND_TOTALS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
_FLOWS = {"income": "交易", "fee": "扣除交易手续费", "refund": "退款", "fee_back": "退回交易手续费"}
_OPENING_MINOR, _FEE_BP, _READY_S, _TOLERANCE_S = 2_000_000, 60, 9 * 3_600, 300
_AUTHORIZATION = re.compile(r'(\w+)="([^"]*)"')


class _Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.said = _said({"code": code, "message": message}, status)


class WeChatPay(Simulated):
    """The account that an own shop is paid out to."""

    name = "wechatpay"
    renamed = ("", "")
    has_orders = False
    merchant_id, serial_no = "1900000109", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
    link_life_s = 30.0

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._links, self._nonces = Links(self.link_life_s), set[str]()

    def claims(self, path: str) -> bool:
        """Two bills, and where their links lead."""
        return path in (_TRADES, _FUNDS, _DOWNLOAD)

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`. A link is of the address that the gateway was given under."""
        self._base = base_url
        told = {"gateway_url": base_url, "merchant_id": self.merchant_id, "serial_no": self.serial_no}
        return {**told, "private_key": private_key_text()}

    def answer(self, asked: Asked) -> Said:
        """Check the signature, of downloads too, then tell the link or give the file."""
        try:
            self._check(asked)
            if asked.path == _DOWNLOAD:
                return self._file(asked)
            return _said(self._link(asked))
        except _Refused as refused:
            return refused.said

    def truth(self) -> dict[str, Any]:
        """Lines of every day whose bills are made by now."""
        made = [(move, after) for move, after in self._moves if self._is_made(move.at - (move.at + 8 * 3_600) % DAY)]
        return {
            "orders": [],
            "after_sales": [],
            "settlement_lines": [
                {
                    "line_id": _line_id(move),
                    "order_id": move.order.order_id,
                    "kind": {"income": "order_income", "refund": "order_refund"}.get(move.what, "fee"),
                    "amount_minor": move.minor,
                }
                for move, _ in made
            ],
            "wallet_lines": [
                {"line_id": f"wechatpay:{move.number}", "amount_minor": move.minor, "balance_minor": after}
                for move, after in made
            ],
        }

    def files(self) -> dict[str, bytes]:
        """Every bill that is made by now, by name, as a person would download it."""
        first = self.world.start_s - (self.world.start_s + 8 * 3_600) % DAY
        days = [beijing(at)[:10] for at in range(first, self.now, DAY) if self._is_made(at)]
        return {
            f"{self.merchant_id}{kind}_{day}.csv": text.encode()
            for day in days
            for kind in ("All", "Fund")
            if (text := self._text(kind, day))
        }

    def _is_made(self, start: int) -> bool:
        return self.now >= start + DAY + _READY_S

    def _check(self, asked: Asked) -> None:
        scheme, _, rest = asked.headers.get("authorization", "").partition(" ")
        said = dict(_AUTHORIZATION.findall(rest))
        target = asked.target or f"{asked.path}?{urlencode(asked.query)}"
        at, nonce = said.get("timestamp", ""), said.get("nonce_str", "")
        text = f"{asked.verb}\n{target}\n{at}\n{nonce}\n{asked.body.decode()}\n"
        is_known = (said.get("mchid"), said.get("serial_no")) == (self.merchant_id, self.serial_no)
        is_now = at.isdigit() and abs(int(at) - self.now) <= _TOLERANCE_S
        if scheme != "WECHATPAY2-SHA256-RSA2048" or not is_known or not is_now or not nonce or nonce in self._nonces:
            raise _Refused(401, "SIGN_ERROR", "Http头Authorization值格式错误")
        if not verifies(text, said.get("signature", "")):
            raise _Refused(401, "SIGN_ERROR", "签名错误")
        self._nonces.add(nonce)

    def _link(self, asked: Asked) -> dict[str, str]:
        if self.faults.fires("throttle"):
            raise _Refused(429, "FREQUENCY_LIMITED", "频率超限")
        start, query = day_start_s(asked.query.get("bill_date", "")), asked.query
        is_packed = query.get("tar_type") == "GZIP"
        kinds = {"bill_type": "ALL"} if asked.path == _TRADES else {"account_type": "BASIC"}
        if start is None or any(query.get(name, value) != value for name, value in kinds.items()):
            raise _Refused(400, "PARAM_ERROR", "参数错误")
        if start + DAY > self.now or start < self.now - 92 * DAY:
            raise _Refused(400, "INVALID_REQUEST", "bill_date 不在可下载范围")
        kind = "All" if asked.path == _TRADES else "Fund"
        text = self._text(kind, query["bill_date"])
        if not text:
            raise _Refused(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        if not self._is_made(start) or self.faults.fires("file_late"):
            raise _Refused(400, "STATEMENT_CREATING", "账单生成中")
        what = f"{kind} {query['bill_date']} {'gz' if is_packed else ''}"
        token = self._links.give(what, self.now, is_over=self.faults.fires("link_expired"))
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        url = f"{self._base}{_DOWNLOAD}?token={token}"
        return {"hash_type": "SHA1", "hash_value": digest, "download_url": url}

    def _file(self, asked: Asked) -> Said:
        what = self._links.leads_to(asked.query.get("token", ""), self.now)
        if what is None:
            raise _Refused(403, "NO_AUTH", "下载链接已失效")
        kind, day, packing = what.split(" ")
        plain = self._text(kind, day).encode()
        if self.faults.fires("digest_wrong"):
            # Rows whole and readable, with another amount: only the digest tells.
            plain = plain.replace(b"`0.00", b"`0.01", 1) if b"`0.00" in plain else plain.replace(b"1", b"7", 1)
        content = gzip.compress(plain, mtime=0) if packing else plain
        return Said(content, 200, {"content-type": "application/octet-stream"})

    @cached_property
    def _moves(self) -> list[tuple[Move, int]]:
        """Every movement of the world with the balance behind it, oldest first."""
        moves, end_s = [], self.world.end_s
        for order in self.world.made:
            at = {event.what: event.at for event in order.events}
            if "paid" not in at:
                continue
            moves.append(Move(at["paid"], order, "income", order.cash_minor))
            moves.append(Move(at["paid"], order, "fee", -half_up(order.cash_minor, _FEE_BP)))
            view = order.seen(end_s)
            back = view.refunded_minor if view else 0
            if back:
                moves.append(Move(at["refund_done"], order, "refund", -back))
                moves.append(Move(at["refund_done"], order, "fee_back", half_up(back, _FEE_BP)))
        balance, out = _OPENING_MINOR, []
        for move in sorted((move for move in moves if move.minor), key=lambda move: (move.at, move.number)):
            balance += move.minor
            out.append((move, balance))
        return out

    def _text(self, kind: str, day: str) -> str:
        """A bill; empty where nothing happened."""
        start = day_start_s(day)
        assert start is not None, "only days are asked for here"
        rows = [(move, after) for move, after in self._moves if start <= move.at < start + DAY]
        if not rows:
            return ""
        return _trade_bill(self.merchant_id, [move for move, _ in rows]) if kind == "All" else _fund_bill(rows)


def _line_id(move: Move) -> str:
    """How the canonical table calls a payment, a refund, and the fee of each."""
    is_payment = move.what in ("income", "fee")
    number = f"4200{move.order.order_id}" if is_payment else f"5030{move.order.case_id}"
    return f"wechatpay:{number}{':fee' if move.what.startswith('fee') else ''}"


def _trade_bill(merchant: str, moves: Sequence[Move]) -> str:
    fees = {(move.order.order_id, move.what): -move.minor for move in moves if move.what.startswith("fee")}
    rows, sums = [], [0, 0, 0, 0]
    for move in moves:
        if move.what not in ("income", "refund"):
            continue
        is_payment = move.what == "income"
        fee = fees.get((move.order.order_id, "fee" if is_payment else "fee_back"), 0)
        paid, back = (move.minor, 0) if is_payment else (0, -move.minor)
        sums = [sums[0] + 1, sums[1] + paid, sums[2] + back, sums[3] + fee]
        rows.append(
            [
                *(beijing(move.at), "wx0000000000000001", merchant, "0", "", f"4200{move.order.order_id}"),
                *(move.order.order_id, f"o{move.order.buyer}", "JSAPI", "SUCCESS" if is_payment else "REFUND"),
                *("OTHERS", "CNY", yuan(paid), "0.00", "0" if is_payment else f"5030{move.order.case_id}"),
                *("0" if is_payment else move.order.case_id, yuan(back), "0.00", "" if is_payment else "ORIGINAL"),
                *("" if is_payment else "SUCCESS", "商品", "", f"{yuan(fee)}000", "0.60%", yuan(paid), yuan(back), ""),
            ]
        )
    count, paid, back, fee = sums
    totals = [str(count), yuan(paid), yuan(back), "0.00", f"{yuan(fee)}000", yuan(paid), yuan(back)]
    return _paper(_TRADE_HEADER, rows, _TRADE_TOTALS, totals)


def _fund_bill(moves: Sequence[tuple[Move, int]]) -> str:
    rows = []
    for move, after in moves:
        word = _FLOWS[move.what]
        came = "收入" if move.minor > 0 else "支出"
        number = f"4200{move.order.order_id}"
        money = [yuan(abs(move.minor)), yuan(after)]
        rows.append([beijing(move.at), number, move.number, word, word, came, *money, "system", "", number])
    sums = {sign: [abs(move.minor) for move, _ in moves if move.minor * sign > 0] for sign in (1, -1)}
    totals = [str(len(rows)), *(said for found in sums.values() for said in (str(len(found)), yuan(sum(found))))]
    return _paper(_FUND_HEADER, rows, _FUND_TOTALS, totals)


def _paper(header: str, rows: Sequence[Sequence[str]], totals_header: str, totals: Sequence[str]) -> str:
    """Cells with a backtick before each, a header of totals and their row."""
    lines = [header, *(",".join(f"`{cell}" for cell in row) for row in rows), totals_header]
    return "\r\n".join([*lines, ",".join(f"`{cell}" for cell in totals)]) + "\r\n"


def _said(value: dict[str, Any], status: int = 200) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode(), status)
