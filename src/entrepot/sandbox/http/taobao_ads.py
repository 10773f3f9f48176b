"""Taobao's report of campaigns (Wanxiangtai): what each spent on a day, in a result within the method's envelope.

Source: a copy of the platform's reference of taobao.universalbp.report.query.campaign, read 2026-11. Not sourced, and
set here: the code of a wrong argument, that `charge` is yuan with two decimals.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.bills import yuan

if TYPE_CHECKING:
    from entrepot.sandbox.http.platform import Simulated

_NEEDED = {"split_type", "unify_type", "start_time", "end_time", "effect_equal", "query_field_in_list", "by_page"}
_ATTRIBUTIONS = (1, 3, 7, 15, 30)


def campaign_report(params: dict[str, str], shop: Simulated) -> dict[str, Any]:
    """One page of a day; the attribution that is asked for changes sales, never spend."""
    asked = json.loads(params.get("top_campaign_report_query_v_o") or "{}")
    context = json.loads(params.get("top_service_context") or "{}")
    is_whole = bool(context.get("biz_code")) and asked.keys() >= _NEEDED
    if not is_whole or asked["effect_equal"] not in _ATTRIBUTIONS or asked["start_time"] != asked["end_time"]:
        return {"result": {"info": {"ok": False, "message": "参数错误", "error_code": "PARAM_ERROR"}}}
    size = int(asked.get("page_size", 20))
    rows = [
        {
            "thedate": each.day,
            "campaign_id": each.campaign_id,
            "campaign_name": each.campaign,
            "report_index": {"charge": yuan(each.minor)},
        }
        for each in shop.ads.told(asked["start_time"], shop.now)
    ]
    shown = shop.spoilt_rows(rows, int(asked.get("offset", 0)) // size, size)
    told = {"count": len(rows), "top_report_v_o_list": {"top_report_vo": shown}}
    return {"result": {"info": {"ok": True}, "top_report_v_o_top_bulk_data": told}}
