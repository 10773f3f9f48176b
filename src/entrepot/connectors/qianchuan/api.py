"""Facts about Qianchuan's API, no code: the report, errors, terms."""

from entrepot.connectors.live.contract import (
    ApiSpec,
    DayReports,
    Direction,
    ErrorRule,
    Feed,
    Limit,
    Method,
    Retry,
)
from entrepot.connectors.qianchuan.wire import REPORT

_DAY = 86_400
_SOURCE = "official Go SDK of Ocean Engine's open platform, read 2026-11"
_CODES = "codes in public clients, read 2026-11"

ADS_FEED = Feed(
    name="qianchuan_live_ads",
    what="ads",
    channel="douyin",
    title={"zh": "千川投放账户数据接口", "en": "Qianchuan advertising by account by API"},
    source=_SOURCE,
    # One answer without pages for each account and kind of plan.
    listing=Method(
        "v1.0/qianchuan/report/all_promotion/get/",
        (Limit(5, 1.0, source="assumed"),),
        direction=Direction.CURSOR,
        source=_SOURCE,
    ),
    detail=None,
    documents="data",
    shape=REPORT,
    # How far back, and when a day is final, is not stated.
    reach_s=90 * _DAY,
    days=DayReports(ready_s=10 * 3_600),
)

API = ApiSpec(
    gateway="https://api.oceanengine.com/open_api",
    source=f"{_SOURCE}; {_CODES}",
    zone_offset_hours=8,
    clock_tolerance_s=0,
    token_life_s=None,
    renewal="oauth2/refresh_token/ gives both tokens anew, and their lives stand in the answer only",
    terms="an app of the kind 千川PC版, to which the owner of the advertising account has to say yes",
    feeds=(ADS_FEED,),
    secrets=("app_id", "secret", "access_token", "advertiser_ids"),
    errors=(
        ErrorRule("40100", Retry.WAIT, "", "too many calls", wait_s=1.0),
        ErrorRule("40110", Retry.WAIT, "", "too many calls of this app", wait_s=1.0),
        ErrorRule("40102", Retry.TOKEN, "", "the access token has expired (assumed)"),
        ErrorRule("40105", Retry.TOKEN, "", "the access token is not valid"),
        ErrorRule("40002", Retry.PERSON, "", "the app lacks the right, or the account has not authorised it (assumed)"),
        ErrorRule(
            "40000", Retry.PERSON, "", "the request is refused: check advertiser_ids, which are accounts of Qianchuan"
        ),
        # Not a code of the platform's: a good answer without figures, which is not the same as nothing spent.
        ErrorRule("no_data", Retry.AGAIN, "", "an answer without figures"),
        *(ErrorRule(f"5000{last}", Retry.AGAIN, "", "the platform's own trouble") for last in range(3)),
    ),
)
