"""A source of the Airbyte CDK: trades by day of change, each read by its id, printed as records.

.venv-airbyte/bin/python -m bench.taps.airbyte read --config FILE --catalog FILE
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import requests
from airbyte_cdk.entrypoint import launch
from airbyte_cdk.models import ConnectorSpecification
from airbyte_cdk.sources import AbstractSource
from airbyte_cdk.sources.streams.http import HttpStream, HttpSubStream

from bench.taps.signing import days, page_form, signed, trade_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class _Signer(requests.auth.AuthBase):
    def __init__(self, app: Mapping[str, Any]) -> None:
        self.app = app

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.prepare_body(signed(str(request.body), self.app), None)
        return request


class _TopStream(HttpStream):
    http_method = "POST"
    primary_key = "tid"
    # Without it the CDK keeps one state per trade and prints all of them after every trade.
    cursor_field = "modified"

    def __init__(self, app: Mapping[str, Any], **given: object) -> None:
        self.app = app
        super().__init__(authenticator=_Signer(app), **given)

    @property
    def url_base(self) -> str:
        return str(self.app["gateway_url"])

    def path(self, **_: object) -> str:
        return ""

    def get_json_schema(self) -> dict[str, Any]:
        return {"type": "object", "properties": {"tid": {"type": "integer"}}, "additionalProperties": True}


class _Listed(_TopStream):
    name = "listed"

    def stream_slices(self, **_: object) -> list[dict[str, str]]:
        return days(self.app)

    def request_body_data(
        self, stream_state: object, stream_slice: Mapping[str, str], next_page_token: Mapping[str, int] | None = None
    ) -> dict[str, Any]:
        del stream_state
        return page_form(self.app, stream_slice, next_page_token["page"] if next_page_token else 1)

    def next_page_token(self, response: requests.Response) -> dict[str, int] | None:
        if not response.json()["trades_sold_increment_get_response"]["has_next"]:
            return None
        asked = dict(part.split("=", 1) for part in str(response.request.body).split("&"))
        return {"page": int(asked["page_no"]) + 1}

    def parse_response(self, response: requests.Response, **_: object) -> Iterable[Mapping[str, Any]]:
        yield from response.json()["trades_sold_increment_get_response"].get("trades", {}).get("trade", [])


class _Trades(_TopStream, HttpSubStream):
    name = "trades"

    def request_body_data(
        self, stream_state: object, stream_slice: Mapping[str, Any], next_page_token: object = None
    ) -> dict[str, Any]:
        del stream_state, next_page_token
        return trade_form(self.app, stream_slice["parent"]["tid"])

    def next_page_token(self, response: requests.Response) -> None:
        del response

    def parse_response(self, response: requests.Response, **_: object) -> Iterable[Mapping[str, Any]]:
        yield response.json()["trade_fullinfo_get_response"]["trade"]


class SourceTmall(AbstractSource):
    """The source."""

    def check_connection(self, logger: object, config: object) -> tuple[bool, None]:
        """The CDK asks for it; a reading without it is as good."""
        del logger, config
        return True, None

    def spec(self, logger: object) -> ConnectorSpecification:
        """What the configuration holds."""
        del logger
        return ConnectorSpecification(connectionSpecification={"type": "object", "additionalProperties": True})

    def streams(self, config: Mapping[str, Any]) -> list[HttpStream]:
        """What there is."""
        return [_Trades(config, parent=_Listed(config))]


if __name__ == "__main__":
    launch(SourceTmall(), sys.argv[1:])
