"""Signatures to the byte: what platforms publish, and what their own clients make of the same parameters."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from entrepot.connectors.douyin.client import DouyinClient, canonical
from entrepot.connectors.douyin.client import signature as douyin_signature
from entrepot.connectors.jd.client import signature as jd_signature
from entrepot.connectors.live.contract import Call, Credentials, Method
from entrepot.connectors.pinduoduo.client import PinduoduoClient
from entrepot.connectors.pinduoduo.client import signature as pinduoduo_signature
from entrepot.connectors.tmall.client import TmallClient, signature
from entrepot.connectors.xiaohongshu.client import XiaohongshuClient
from entrepot.connectors.xiaohongshu.client import signature as xiaohongshu_signature

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
TAOBAO = {
    "app_key": "12345678",
    "fields": "num_iid,title,nick,price,num",
    "format": "json",
    "method": "taobao.item.seller.get",
    "num_iid": "11223344",
    "session": "test",
    "timestamp": "2016-01-01 12:00:00",
    "v": "2.0",
}


def vectors(platform: str) -> list[dict[str, str]]:
    return [each for each in VECTORS if each["platform"] == platform]


@pytest.mark.parametrize("vector", vectors("taobao"), ids=lambda each: each["algorithm"])
def test_taobao_signs_as_its_manual_does(vector: dict[str, str]) -> None:
    way = next(way for way in ("hmac-sha256", "hmac", "md5") if f"sign_method{way}" in vector["payload"])
    params = {**TAOBAO, "sign_method": way, "empty": "", "sign": "of another time"}
    joined = "".join(name + value for name, value in sorted(params.items()) if value and name != "sign")
    assert joined == vector["payload"]
    assert signature(params, vector["secret"], way) == vector["expected"]


def test_a_form_carries_what_was_signed_and_chinese_is_signed_before_it_is_encoded() -> None:
    client = TmallClient()
    call = Call(Method("taobao.trades.sold.get"), {"buyer_nick": "张三 & 李四", "use_has_next": True, "empty": ""})
    request = client.sign(call, Credentials({"app_key": "1", "secret": "s", "access_token": "t"}), "http://gw", 0.0)
    sent = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    assert sent["timestamp"] == "1970-01-01 08:00:00"
    assert (sent["use_has_next"], sent["buyer_nick"], "empty" in sent) == ("true", "张三 & 李四", False)
    assert sent["sign"] == signature(sent, "s", "hmac-sha256")


def test_neither_requests_nor_credentials_show_secrets() -> None:
    credentials = Credentials({"app_key": "1", "secret": "hush", "access_token": "token"})
    request = TmallClient().sign(Call(Method("m"), {}), credentials, "http://gw", 0.0)
    assert "hush" not in f"{credentials!r} {credentials} {request!r} {request}"
    assert "token" not in f"{request!r}"


def test_douyin_signs_as_its_own_sdk_does_and_sends_the_body_that_was_signed() -> None:
    vector = next(each for each in vectors("doudian") if each["algorithm"].startswith("lower(hmac_sha256"))
    params = {"size": 10, "page": 0, "product": "测试<&>", "order_by": "update_time", "update_time_start": 1788192000}
    app_key, body = "3409409348479354011", canonical(params)
    assert body in vector["payload"]
    assert douyin_signature(app_key, vector["secret"], "order.searchList", body, "1788192000") == vector["expected"]
    credentials = Credentials({"app_key": app_key, "secret": vector["secret"], "access_token": "t"})
    request = DouyinClient().sign(Call(Method("order.searchList"), params), credentials, "http://gw/", 1788192000.5)
    assert request.body.decode() == body
    assert request.url.startswith("http://gw/order/searchList?")
    assert f"sign={vector['expected']}" in request.url


def test_pinduoduo_signs_as_its_manual_does_and_truth_values_as_words() -> None:
    (vector,) = vectors("pinduoduo")
    params = {
        "access_token": "asd78172s8ds9a921j9qqwda12312w1w21211",
        "client_id": "1",
        "data_type": "XML",
        "order_status": "1",
        "page": "1",
        "page_size": "10",
        "timestamp": "1480411125",
        "type": "pdd.order.number.list.get",
    }
    assert "".join(name + value for name, value in sorted(params.items())) == vector["payload"]
    assert pinduoduo_signature(params, vector["secret"]) == vector["expected"]
    credentials = Credentials({"app_key": "1", "secret": "s", "access_token": "t"})
    call = Call(Method("pdd.order.list.get"), {"use_has_next": False, "list": ["一", 2]})
    sent = dict(parse_qsl(PinduoduoClient().sign(call, credentials, "http://gw", 7.9).body.decode()))
    assert (sent["use_has_next"], sent["list"], sent["timestamp"]) == ("false", '["一", 2]', "7")
    assert sent["sign"] == pinduoduo_signature(sent, "s")


def test_jd_signs_as_its_manual_does() -> None:
    (vector,) = vectors("jd")
    asked = (
        '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT","page":"1","page_size":"200",'
        '"start_date":null}'
    )
    params = {
        "v": "2.0",
        "timestamp": "2021-05-07 09:20:39.683+0800",
        "method": "jingdong.pop.order.search",
        "app_key": "yourappkey",
        "access_token": "yourtoken",
        "360buy_param_json": asked,
        "sign": "of another time",
    }
    joined = "".join(name + value for name, value in sorted(params.items()) if name != "sign")
    assert joined == vector["payload"]
    assert jd_signature(params, vector["secret"]) == vector["expected"]


def test_xiaohongshu_signs_four_fields_and_sends_the_rest_beside_them() -> None:
    (vector,) = vectors("xiaohongshu")
    method, app_id, timestamp = "order.getOrderList", "demoAppId", "1612518379"
    assert vector["payload"] == f"{method}?appId={app_id}&timestamp={timestamp}&version=2.0"
    assert xiaohongshu_signature(method, app_id, timestamp, vector["secret"]) == vector["expected"]
    credentials = Credentials({"app_key": app_id, "secret": vector["secret"], "access_token": "FAKE"})
    asked = {"startTime": 1612518379, "endTime": 1612520179, "timeType": 2, "pageNo": 1, "pageSize": 100}
    request = XiaohongshuClient().sign(Call(Method(method), asked), credentials, "http://gw", 1612518379.9)
    assert json.loads(request.body) == {
        **asked,
        "method": method,
        "appId": app_id,
        "sign": vector["expected"],
        "timestamp": timestamp,
        "version": "2.0",
        "accessToken": "FAKE",
    }
