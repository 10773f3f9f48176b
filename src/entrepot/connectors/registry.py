"""The connectors there are. To add one: its folder, its test folder, one line here, the changelog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.connectors import (
    alipay,
    amazon,
    bank,
    douyin,
    efapiao,
    jd,
    kuaishou,
    own,
    pinduoduo,
    qianchuan,
    shopify,
    stock,
    tmall,
    wechatpay,
    wechatstore,
    xiaohongshu,
    youzan,
)
from entrepot.connectors.contract import Connector
from entrepot.connectors.jd import jzt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.connectors.contract import FileFormat

CONNECTORS: tuple[Connector, ...] = (
    Connector(tmall.SPEC, tmall.FORMATS, "entrepot.connectors.tmall", live=tmall.LIVE),
    Connector(alipay.SPEC, alipay.FORMATS, "entrepot.connectors.alipay", live=alipay.LIVE),
    Connector(wechatpay.SPEC, wechatpay.FORMATS, "entrepot.connectors.wechatpay", live=wechatpay.LIVE),
    Connector(jd.SPEC, jd.FORMATS, "entrepot.connectors.jd", live=jd.LIVE),
    Connector(jzt.SPEC, jzt.FORMATS, "entrepot.connectors.jd.jzt", live=jzt.LIVE),
    Connector(pinduoduo.SPEC, pinduoduo.FORMATS, "entrepot.connectors.pinduoduo", live=pinduoduo.LIVE),
    Connector(douyin.SPEC, douyin.FORMATS, "entrepot.connectors.douyin", live=douyin.LIVE),
    Connector(qianchuan.SPEC, qianchuan.FORMATS, "entrepot.connectors.qianchuan", live=qianchuan.LIVE),
    Connector(xiaohongshu.SPEC, xiaohongshu.FORMATS, "entrepot.connectors.xiaohongshu", live=xiaohongshu.LIVE),
    Connector(kuaishou.SPEC, kuaishou.FORMATS, "entrepot.connectors.kuaishou", live=kuaishou.LIVE),
    Connector(wechatstore.SPEC, wechatstore.FORMATS, "entrepot.connectors.wechatstore", live=wechatstore.LIVE),
    Connector(youzan.SPEC, youzan.FORMATS, "entrepot.connectors.youzan", live=youzan.LIVE),
    Connector(shopify.SPEC, shopify.FORMATS, "entrepot.connectors.shopify", live=shopify.LIVE),
    Connector(amazon.SPEC, amazon.FORMATS, "entrepot.connectors.amazon", live=amazon.LIVE),
    Connector(efapiao.SPEC, efapiao.FORMATS, "entrepot.connectors.efapiao"),
    Connector(bank.SPEC, bank.FORMATS, "entrepot.connectors.bank"),
    Connector(stock.SPEC, stock.FORMATS, "entrepot.connectors.stock"),
    Connector(own.SPEC, own.FORMATS, "entrepot.connectors.own"),
)


def all_formats() -> tuple[FileFormat, ...]:
    """Every file format of every connector."""
    return tuple(wire for connector in CONNECTORS for wire in connector.formats)


def connector_of(format_name: str, connectors: Sequence[Connector]) -> Connector:
    """The connector, of those given, that reads a format or pulls a feed."""
    return next(connector for connector in connectors if any(each.name == format_name for each in connector.sources))


def connector_for_channel(channel: str) -> Connector | None:
    """The connector of a platform, if there is one."""
    return next((connector for connector in CONNECTORS if connector.spec.name == channel), None)
