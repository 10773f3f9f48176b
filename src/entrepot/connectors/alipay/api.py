"""Facts about Alipay's open API as far as bills go, no code."""

from entrepot.connectors.live.bills import BillFeed, Made
from entrepot.connectors.live.contract import ApiSpec, ErrorRule, Method, Retry

_HOUR, _DAY = 3_600, 86_400
_SOURCE = "opendocs.alipay.com on alipay.data.dataservice.bill.downloadurl.query and on common answers, read 2026-11"

LEDGER = BillFeed(
    name="alipay_bills_ledger",
    what="ledger",
    channel="alipay",
    title={"zh": "支付宝账务账单接口", "en": "Alipay account ledger by API"},
    source=_SOURCE,
    made=Made.DAYS,
    asking=Method("alipay.data.dataservice.bill.downloadurl.query", source=_SOURCE),
    linking=None,
    download=Method("bill_download_url", source=_SOURCE),
    formats=("alipay_ledger",),
    suffix=".csv",
    left_out="汇总",
    # Days of about six years.
    reach_s=6 * 365 * _DAY,
    # Made by nine in the morning as a rule.
    ready_s=9 * _HOUR,
    # The same word says that nothing moved and that the file is late (assumed: never later than a day).
    certain_s=33 * _HOUR,
)

API = ApiSpec(
    gateway="https://openapi.alipay.com/gateway.do",
    sandbox_gateway="https://openapi-sandbox.dl.alipaydev.com/gateway.do",
    source=_SOURCE,
    zone_offset_hours=8,
    clock_tolerance_s=0,
    token_life_s=None,
    renewal="calls are signed with the app's own RSA key; an app of a service provider adds app_auth_token",
    terms="the bill is the merchant's own record; names and accounts of payers in it are personal data",
    feeds=(),
    bill_feeds=(LEDGER,),
    errors=(
        # Seen in answers; the reference has the words in capitals.
        ErrorRule("40004", Retry.NONE, "isp.bill_not_exist", "nothing moved that day, or the file is not made yet"),
        ErrorRule("40004", Retry.NONE, "BILL_NOT_EXIST", "nothing moved that day, or the file is not made yet"),
        ErrorRule("40004", Retry.AGAIN, "isp.", "the platform's own trouble"),
        ErrorRule("40004", Retry.AGAIN, "UNKNOW_ERROR", "the platform's own trouble"),
        ErrorRule("40004", Retry.NEVER, "", "the request is wrong"),
        ErrorRule("20000", Retry.AGAIN, "", "the service is unavailable"),
        ErrorRule("20001", Retry.PERSON, "", "app_auth_token is missing, wrong or withdrawn: authorise the app again"),
        ErrorRule("40002", Retry.CLOCK, "isv.invalid-timestamp", "the clock is off"),
        ErrorRule("40002", Retry.NEVER, "isv.invalid-signature", "the signature does not verify: check private_key"),
        ErrorRule("40002", Retry.PERSON, "isv.invalid-app-id", "there is no such app: check app_id"),
        ErrorRule("40001", Retry.NEVER, "", "an argument is missing"),
        ErrorRule("40002", Retry.NEVER, "", "an argument is wrong"),
        ErrorRule("40003", Retry.PERSON, "", "a condition of the account is not met"),
        ErrorRule("40005", Retry.WAIT, "", "too many calls", wait_s=60.0),
        ErrorRule("40006", Retry.PERSON, "", "the app lacks the right: sign the product that bills belong to"),
    ),
    secrets=("app_id", "private_key"),
    kept_secrets=("app_auth_token",),
)
