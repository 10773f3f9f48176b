"""Documents with lists of rows give the same canonical rows on the second engine, refusals included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.connectors.registry import CONNECTORS, connector_of
from entrepot.engine import SparkEngine
from entrepot.residency import person_pads
from entrepot.testing.sail import sail_session
from tests.connectors.amazon import test_amazon_live as amazon
from tests.connectors.douyin import test_douyin_live as douyin
from tests.connectors.jd import test_jd_live as jd
from tests.connectors.live.casework import feed_named, page_of, pulled_together
from tests.connectors.pinduoduo import test_pinduoduo_live as pinduoduo
from tests.connectors.shopify import test_shopify_live as shopify
from tests.connectors.tmall import test_tmall_live as tmall
from tests.connectors.xiaohongshu import test_xiaohongshu_live as red
from tests.connectors.xiaohongshu import test_xiaohongshu_live_settlements as red_money

if TYPE_CHECKING:
    from pathlib import Path

CASES: dict[str, list[Any]] = {
    "tmall_live_trades": [tmall.answer(), *(tmall.answer(**changed) for changed, _ in tmall.BROKEN)],
    "tmall_live_refunds": [tmall.refund(), tmall.refund(status="NEW")],
    "douyin_live_orders": [
        douyin.listed(
            douyin.ORDER,
            *(douyin.order(number, **changed) for number, (changed, _) in enumerate(douyin.BROKEN, start=2)),
        )
    ],
    "douyin_live_cases": [{"data": {"items": [douyin.case(1, 12), douyin.case(2, 99)]}}],
    "pinduoduo_live_orders": [
        pinduoduo.answer(),
        *(pinduoduo.answer(number, **changed) for number, (changed, _) in enumerate(pinduoduo.BROKEN, start=2)),
        *(pinduoduo.answer(number, **told) for number, (told, *_) in enumerate(pinduoduo.TUPLES, start=90)),
    ],
    "jd_live_orders": [jd.listed(jd.ORDER, *(jd.order(n, **changed) for n, (changed, _) in enumerate(jd.BROKEN, 2)))],
    "jd_live_cancels": [jd.cancels(jd.cancel(1, 3), jd.cancel(2, 99))],
    "jd_live_services": [
        jd.services(jd.service(1), jd.service(2, status=13, completeTime=1), jd.service(3, status="?"))
    ],
    "xiaohongshu_live_orders": [
        red.order(),
        *(red.order(n, **changed) for n, (changed, _) in enumerate(red.BROKEN, 2)),
    ],
    "xiaohongshu_live_settlements": [red_money.settled({}, red_money.BACK, {"settleBizType": 2})],
    "xiaohongshu_live_cases": [red.case(1), red.case(2, is_wrapped=True), red.case(3, 99)],
    "pinduoduo_live_refunds": [pinduoduo.refunds(pinduoduo.refund(1, 10), pinduoduo.refund(2, 99))],
    "amazon_live_orders": [amazon.orders(amazon.order(1), *(amazon.order(2, **told) for told, _ in amazon.BROKEN))],
    "amazon_live_items": [
        amazon.items(1, amazon.ITEM),
        *(amazon.items(2, {**amazon.ITEM, **told}) for told, _ in amazon.BROKEN_ITEMS),
    ],
    "amazon_live_refunds": [amazon.events("RefundEventList", amazon.event(1), amazon.event(2, Gift=-1))],
    "shopify_live_orders": [
        *(shopify.answer(number, **told) for number, (told, _) in enumerate(shopify.BROKEN, start=1002)),
        shopify.answer(refunds=[shopify.refund(1, "RETURN", "SUCCESS")], fulfillments=[shopify.PARCEL]),
    ],
}


def test_every_feed_is_translated_alike(tmp_path: Path) -> None:
    pads = person_pads(tmp_path / "keys")
    together: dict[str, dict[str, list[bytes]]] = {}
    for name, answers in CASES.items():
        # Feeds of one connector are translated together, as in a run.
        connector = connector_of(name, CONNECTORS).spec.name
        together.setdefault(connector, {})[name] = [page_of(feed_named(name), *answers)]
    with sail_session() as address:
        for connector, pages in together.items():
            wanted = pulled_together(pages, pads=pads)
            # A session of its own for each connector, since its pages are gone when its rows are read.
            with SparkEngine(address) as sail:
                found = pulled_together(pages, pads=pads, engine=sail)
            assert found.rejects == wanted.rejects, connector
            assert found.rejects, f"{connector} refuses something here"
            assert found.tables.keys() == wanted.tables.keys()
            for table, rows in wanted.tables.items():
                assert sorted(map(_said, found.tables[table])) == sorted(map(_said, rows)), f"{connector}: {table}"


def _said(row: dict[str, Any]) -> str:
    return repr(sorted((key, str(value)) for key, value in row.items()))
