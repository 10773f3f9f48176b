"""Facts about Jingzhuntong's API, no code: the report, errors, terms."""

from dataclasses import replace

from entrepot.connectors.jd.api import API as JD
from entrepot.connectors.jd.jzt.client import DOWNLOAD
from entrepot.connectors.live.bills import BillFeed, Made
from entrepot.connectors.live.contract import ErrorRule, Limit, Method, Retry

_DAY, _HOUR = 86_400, 3_600
_SOURCE = "a public client of the report of all lines of business, with recorded answers and rows, read 2026-11"
_CALLS = (Limit(2, 1.0, source="assumed; the client waits half a second"),)

ADS_FEED = BillFeed(
    name="jzt_bills_ads",
    what="ads",
    channel="jd",
    title={"zh": "京准通全业务线报表接口", "en": "JD advertising by API"},
    source=_SOURCE,
    made=Made.DAYS,
    asking=Method("jingdong.ads.ibg.UniversalJosService.custom.query.v1", _CALLS, source=_SOURCE),
    linking=Method("jingdong.ads.ibg.UniversalJosService.download", _CALLS, source=_SOURCE),
    download=DOWNLOAD,
    formats=("jzt_ads",),
    suffix=".csv",
    # Neither how far back it goes nor when a day is final is stated: a day is asked for once, so it is given time.
    reach_s=90 * _DAY,
    ready_s=58 * _HOUR,
    certain_s=82 * _HOUR,
)

API = replace(
    JD,
    source=f"{JD.source}; of the report: {_SOURCE}",
    terms="an app with the right to Jingzhuntong's API, to which the owner of the advertising account has to say yes; "
    "the report of all lines of business is opened to an app on request",
    feeds=(),
    bill_feeds=(ADS_FEED,),
    errors=(
        ErrorRule("401", Retry.WAIT, "ads", "too many reports are ordered at once", wait_s=2.0),
        ErrorRule("report", Retry.LATE, "making", "the report is still being made"),
        ErrorRule("report", Retry.LATE, "no number", "the report was not taken on"),
        ErrorRule("report", Retry.ANEW, "failed", "making the report failed"),
        *JD.errors,
    ),
)
