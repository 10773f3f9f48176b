"""What `cell.toml` may hold: anything that is not known is named with what may stand there, and stops the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import msgspec
import pytest

from entrepot.ledger.charts import read_data
from entrepot.store import CellLayout, load_settings
from entrepot.store.errors import SettingsInvalid
from entrepot.store.settings import ShopSettings

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
[cell]
region = "CN"

[[entities]]
id = "ours"
country = "CN"
functional_currency = "CNY"

[[shops]]
shop = "our shop"
channel = "tmall"
entity = "ours"
sale_model = "domestic_pop"
recognition = "confirmed"
zone = "Asia/Shanghai"

[[wallets]]
wallet = "alipay"
shop = "our shop"
currency = "CNY"

[[targets]]
name = "erp"
erp = "tryton"
region = "CN"
url = "http://127.0.0.1"
order_days = [2026-09-11]
fields = ["text"]

[[connections]]
shop = "our shop"
channel = "tmall"
region = "CN"
calls_at_once = 4
messages = false
"""


def _said(home: Path, text: str) -> str:
    (home / "cell.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(CellLayout(home))
    return refused.value.problem


def test_the_whole_of_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "cell.toml").write_text(WHOLE, encoding="utf-8")
    assert load_settings(CellLayout(tmp_path)).shops[0].sale_model == "domestic_pop"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (
            'sale_model = "domestic_pop"',
            'sale_model = "domestic-pop"',
            ('[[shops]] number 1 (our shop): `sale_model` is "domestic-pop"; write one of "domestic_pop", '
            '"cross_border_bonded_1210", "cross_border_direct_9610", "platform_1p_wholesale", "own_shop", '
            '"marketplace_facilitator"'),
        ),
        (
            'recognition = "confirmed"',
            'recognition = "delivered"',
            ('[[shops]] number 1 (our shop): `recognition` is "delivered"; write one of "placed", "paid", "shipped", '
            '"confirmed", "settled"'),
        ),
        (
            'zone = "Asia/Shanghai"',
            'zone = "Asia/Shangai"',
            'shop our shop has the zone Asia/Shangai, which is none; write one such as "Asia/Shanghai" or "UTC"',
        ),
        (
            'functional_currency = "CNY"',
            'functional_currency = "RMB"',
            ('[[entities]] number 1 (ours): `functional_currency` is "RMB"; write an ISO 4217 code such as "CNY" '
            "(which is that of RMB)"),
        ),
        (
            'country = "CN"',
            'country = "China"',
            '[[entities]] number 1 (ours): `country` is "China"; write an ISO 3166 code of two letters such as "CN"',
        ),
        (
            'recognition = "confirmed"',
            'recogniton = "confirmed"',
            "[[shops]] number 1 (our shop): nothing reads the key `recogniton`; did you mean `recognition`?",
        ),
        ("[[wallets]]", "[[purses]]", "nothing reads the key `purses`; known are `cell`, `entities`, `shops`, "),
        ('entity = "ours"\n', "", "[[shops]] number 1 (our shop): the key `entity` is missing"),
        ("[[wallets]]", "[wallets]", "`wallets` is of the wrong kind; write [[wallets]], with two brackets, once for each"),
        ("[cell]", "[[cell]]", "`cell` is of the wrong kind; write [cell], with one bracket, once"),
        (
            "calls_at_once = 4",
            "calls_at_once = 400",
            '[[connections]] number 1 (our shop): `calls_at_once` is "400"; write a whole number from 1 up to 32',
        ),
        (
            "messages = false",
            'messages = "no"',
            '[[connections]] number 1 (our shop): `messages` is "no"; write true or false',
        ),
        (
            'fields = ["text"]',
            'fields = ["txt"]',
            '[[targets]] number 1 (erp): `fields` is of the wrong kind; write a list of "text", "product", "product_name"',
        ),
        (
            "order_days = [2026-09-11]",
            "order_days = [2026]",
            "[[targets]] number 1 (erp): `order_days` is of the wrong kind; write a list of days such as [2026-09-11]",
        ),
    ],
)  # fmt: skip
def test_what_is_not_known_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in WHOLE
    assert _said(tmp_path, WHOLE.replace(right, wrong, 1)).startswith(said)


@pytest.mark.parametrize("section", ["entities", "shops", "wallets", "targets", "connections"])
def test_a_name_that_stands_there_twice_is_refused(tmp_path: Path, section: str) -> None:
    once = next(each for each in WHOLE.split("\n\n") if each.strip().startswith(f"[[{section}]]"))
    assert _said(tmp_path, f"{WHOLE}\n{once}").startswith(f"[[{section}]] has ")


@pytest.mark.parametrize("listed", ['["a"]', "[1]", '["http://example.cn/hook"]'])
@pytest.mark.parametrize("section", ["entities", "shops", "notify"])
def test_a_list_of_texts_is_no_list_of_sections(tmp_path: Path, section: str, listed: str) -> None:
    told = _said(tmp_path, f"{section} = {listed}\n")
    assert told == f"`{section}` is of the wrong kind; write [[{section}]], with two brackets, once for each"


def test_text_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "cell.toml").write_bytes('[cell]\nname = "屿浔"\n'.encode("gb18030"))
    with pytest.raises(SettingsInvalid, match="UTF-8"):
        load_settings(CellLayout(tmp_path))


def test_a_mark_before_the_text_is_passed_over(tmp_path: Path) -> None:
    """Notepad writes one."""
    (tmp_path / "cell.toml").write_bytes('[cell]\nname = "屿浔"\n'.encode("utf-8-sig"))
    assert load_settings(CellLayout(tmp_path)).cell.name == "屿浔"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("messages = false", 'messages = false\nmessage_door = "[::1"', "`message_door` is an address like"),
        (
            "messages = false",
            'messages = false\nmessage_gateway = "wss://[bad"',
            "`message_gateway` is an address like",
        ),
    ],
)
def test_half_an_address_is_told(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert said in _said(tmp_path, WHOLE.replace(right, wrong, 1))


def test_half_the_address_of_a_broker_is_told(tmp_path: Path) -> None:
    link = (
        '[[companions]]\ncell = "x"\nregion = "EU"\nverifier = "v"\ntransport = "nats"\nbroker = "tls://[bad"\n'
        'broker_region = "EU"\nbox = "b"\n'
    )
    assert "`broker` is an address like tls://broker.example:4222" in _said(tmp_path, link)


def test_receivers_are_not_named(tmp_path: Path) -> None:
    told = _said(tmp_path, '[[notify]]\nkind = "mail"\nregion = "CN"\nto = "zhang@example.cn"\n')
    assert told.startswith("[[notify]] number 1: `kind` is of the wrong kind; write one of ")
    told = _said(tmp_path, '[[notify]]\nkind = "email"\nregion = "CN"\nto = "zhang@example.cn"\n')
    assert told == '[[notify]] number 1: `to` is of the wrong kind; write a list of texts such as ["a", "b"]'


def test_every_way_to_sell_has_a_rate() -> None:
    """A way without one would have no VAT in its prices, and nobody would be told."""
    kinds = next(each.type for each in msgspec.structs.fields(ShopSettings) if each.name == "sale_model")
    rated = {row["scope"] for row in read_data("policies.csv") if row["policy"] == "vat_rate_bp"}
    assert set(get_args(kinds)) - {""} == rated
