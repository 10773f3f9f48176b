"""Facts about WeChat Pay's API v3 as far as bills go, no code."""

from dataclasses import replace

from entrepot.connectors.live.bills import BillFeed, Made
from entrepot.connectors.live.contract import ApiSpec, ErrorRule, Method, Retry
from entrepot.connectors.wechatpay.client import DOWNLOAD

_HOUR, _DAY = 3_600, 86_400
_SOURCE = "pay.weixin.qq.com on API v3: signatures, trade bill, fund flow bill, download (2025-01), read 2026-11"

TRADES = BillFeed(
    name="wechatpay_bills_trades",
    what="trades",
    channel="wechatpay",
    title={"zh": "微信支付交易账单接口", "en": "WeChat Pay trade bill by API"},
    source=_SOURCE,
    made=Made.DAYS,
    asking=Method("/v3/bill/tradebill", source=_SOURCE),
    linking=None,
    download=DOWNLOAD,
    formats=("wechatpay_trades",),
    suffix=".csv",
    # Bills of three months, the shortest of which have 89 days.
    reach_s=89 * _DAY,
    # Made from nine in the morning on, to be asked for from ten.
    ready_s=10 * _HOUR,
    # A day without sales has no bill. That a late bill is never denied is not stated: asked once more a day later.
    certain_s=34 * _HOUR,
)

FUNDS = replace(
    TRADES,
    name="wechatpay_bills_funds",
    what="funds",
    title={"zh": "微信支付资金账单接口", "en": "WeChat Pay fund flow by API"},
    asking=Method("/v3/bill/fundflowbill", source=_SOURCE),
    formats=("wechatpay_funds",),
)

API = ApiSpec(
    gateway="https://api.mch.weixin.qq.com",
    source=_SOURCE,
    zone_offset_hours=8,
    clock_tolerance_s=300,
    token_life_s=None,
    renewal="calls are signed with the merchant's own RSA key, named by the serial number of its certificate",
    terms="the bill is the merchant's own record; openids of payers in it are personal data",
    feeds=(),
    bill_feeds=(TRADES, FUNDS),
    errors=(
        ErrorRule("NO_STATEMENT_EXIST", Retry.NONE, "", "nothing was paid or given back that day"),
        ErrorRule("STATEMENT_CREATING", Retry.LATE, "", "the bill is still being made"),
        ErrorRule("FREQUENCY_LIMITED", Retry.WAIT, "", "too many calls", wait_s=60.0),
        ErrorRule("FREQUENCY_LIMIT_EXCEED", Retry.WAIT, "", "too many calls", wait_s=60.0),
        ErrorRule("RATELIMIT_EXCEEDED", Retry.WAIT, "", "too many calls", wait_s=60.0),
        ErrorRule("SYSTEM_ERROR", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("SIGN_ERROR", Retry.NEVER, "", "the signature does not verify: check private_key and serial_no"),
        ErrorRule("NO_AUTH", Retry.PERSON, "", "the merchant lacks the right to this bill"),
        ErrorRule("MCH_NOT_EXISTS", Retry.PERSON, "", "there is no such merchant: check merchant_id"),
        ErrorRule("PARAM_ERROR", Retry.NEVER, "", "the request is wrong"),
        ErrorRule("INVALID_REQUEST", Retry.NEVER, "", "the request is wrong: bills of three months are all there is"),
    ),
    secrets=("merchant_id", "serial_no", "private_key"),
)
