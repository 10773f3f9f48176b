"""The REST source of dlt: trades by day of change, each read by its id, into Parquet files.

.venv-dlt/bin/python -m bench.taps.dlt_rest CONFIG OUT
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.common.configuration.specs import configspec
from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from dlt.sources.rest_api import rest_api_source

from bench.taps.signing import days, page_form, signed, trade_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests


@configspec
class _Signer(AuthConfigBase):
    # dlt reads the annotation when the module is loaded, and wants a default.
    app: dict[str, Any] = None  # type: ignore[assignment]

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.prepare_body(signed(str(request.body), self.app), None)
        return request


class _Pages(BasePaginator):
    """Page after page of a day, day after day."""

    def __init__(self, app: Mapping[str, Any]) -> None:
        super().__init__()
        self.app, self.days, self.page = app, days(app), 1

    def init_request(self, request: requests.Request) -> None:
        """The first page."""
        self.days, self.page = days(self.app), 1
        self.update_request(request)

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Where to go on."""
        del data
        self.page += 1
        if not response.json()["trades_sold_increment_get_response"]["has_next"]:
            self.days, self.page = self.days[1:], 1
        self._has_next_page = bool(self.days)

    def update_request(self, request: requests.Request) -> None:
        """What to ask next."""
        if self.days:
            request.data = page_form(self.app, self.days[0], self.page)


def main() -> None:
    """Load them."""
    app = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    out = Path(sys.argv[2])
    source = rest_api_source(
        {
            "client": {"base_url": app["gateway_url"], "auth": _Signer(app=app)},
            "resource_defaults": {"primary_key": "tid", "write_disposition": "append"},
            "resources": [
                {
                    "name": "listed",
                    "selected": False,
                    "endpoint": {
                        "path": "",
                        "method": "POST",
                        "data": {},
                        "paginator": _Pages(app),
                        "data_selector": "trades_sold_increment_get_response.trades.trade",
                    },
                },
                {
                    "name": "trades",
                    "endpoint": {
                        "path": "",
                        "method": "POST",
                        "data": trade_form(app, "{resources.listed.tid}"),
                        "paginator": "single_page",
                        "data_selector": "trade_fullinfo_get_response.trade",
                    },
                },
            ],
        }
    )
    pipeline = dlt.pipeline(
        "tmall",
        destination=dlt.destinations.filesystem(bucket_url=out.as_uri()),
        dataset_name="canonical",
        pipelines_dir=str(out / "work"),
    )
    pipeline.run(source, loader_file_format="parquet")


if __name__ == "__main__":
    main()
