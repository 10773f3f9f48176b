"""A tap of the Singer SDK: trades by day of change, each read by its id, printed as records.

.venv-singer/bin/python -m bench.taps.singer --config FILE
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import APIAuthenticatorBase
from singer_sdk.pagination import PageNumberPaginator

from bench.taps.signing import days, page_form, signed, trade_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

_TEXTS = (
    "tid_str status type created modified pay_time consign_time end_time total_fee payment discount_fee adjust_fee "
    "post_fee received_payment buyer_open_uid oaid receiver_name receiver_mobile receiver_address receiver_state "
    "receiver_city step_trade_status step_paid_fee"
)
_LINE_TEXTS = (
    "oid_str status refund_status sku_id outer_iid outer_sku_id title price total_fee payment divide_order_fee "
    "adjust_fee discount_fee consign_time logistics_company invoice_no"
)


def _texts(names: str) -> list[th.Property]:
    return [th.Property(name, th.StringType) for name in names.split()]


_LINE = th.ObjectType(*(th.Property(name, th.IntegerType) for name in ("oid", "num_iid", "num")), *_texts(_LINE_TEXTS))
_PROMOTION = th.ObjectType(th.Property("id", th.IntegerType), *_texts("promotion_name discount_fee"))


class _Signer(APIAuthenticatorBase):
    def __init__(self, app: Mapping[str, Any]) -> None:
        super().__init__()
        self.app = app

    def authenticate_request(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.prepare_body(signed(str(request.body), self.app), None)
        return request


class _Pages(PageNumberPaginator):
    def has_more(self, response: requests.Response) -> bool:
        return bool(response.json()["trades_sold_increment_get_response"]["has_next"])


class _TopStream(RESTStream):
    path = ""
    http_method = "POST"
    payload_as_json = False

    @property
    def url_base(self) -> str:
        return str(self.config["gateway_url"])

    @property
    def authenticator(self) -> _Signer:
        return _Signer(self.config)


class _Listed(_TopStream):
    name = "listed"
    selected_by_default = False
    primary_keys = ("tid",)
    records_jsonpath = "$.trades_sold_increment_get_response.trades.trade[*]"
    schema = th.PropertiesList(th.Property("tid", th.IntegerType), th.Property("modified", th.StringType)).to_dict()

    @property
    def partitions(self) -> list[dict[str, str]]:
        return days(self.config)

    def get_new_paginator(self) -> _Pages:
        return _Pages(1)

    def prepare_request_payload(self, context: Mapping[str, str], next_page_token: int) -> dict[str, Any]:
        return page_form(self.config, context, next_page_token)

    def get_child_context(self, record: Mapping[str, Any], context: object) -> dict[str, Any]:
        del context
        return {"tid": record["tid"]}


class _Trades(_TopStream):
    name = "trades"
    parent_stream_type = _Listed
    # One bookmark per trade would make every state as long as the shop's history.
    state_partitioning_keys = ()
    primary_keys = ("tid",)
    records_jsonpath = "$.trade_fullinfo_get_response.trade"
    schema = th.PropertiesList(
        *(th.Property(name, th.IntegerType) for name in ("tid", "coupon_fee", "alipay_point")),
        *_texts(_TEXTS),
        th.Property("orders", th.ObjectType(th.Property("order", th.ArrayType(_LINE)))),
        th.Property("promotion_details", th.ObjectType(th.Property("promotion_detail", th.ArrayType(_PROMOTION)))),
    ).to_dict()

    def get_new_paginator(self) -> None:
        return None

    def prepare_request_payload(self, context: Mapping[str, Any], next_page_token: object) -> dict[str, Any]:
        del next_page_token
        return trade_form(self.config, context["tid"])


class TapTmall(Tap):
    """The tap."""

    name = "tap-tmall"
    config_jsonschema = th.PropertiesList(
        *(
            th.Property(name, th.StringType, required=True)
            for name in ("gateway_url", "app_key", "secret", "access_token", "fields", "types")
        ),
        *(th.Property(name, th.IntegerType, required=True) for name in ("since_s", "days")),
    ).to_dict()

    def discover_streams(self) -> list[_TopStream]:
        """What there is."""
        return [_Listed(self), _Trades(self)]


if __name__ == "__main__":
    TapTmall.cli()
