"""Amazon's transaction report of a date range: a row per item or charge, in the language of the marketplace."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.amazon.files import TRANSACTIONS
from tests.connectors.casework import CaseFile, Translated, code_list, imported, row_of, translated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.connectors.casework import Imported

US = (
    "date/time,settlement id,type,order id,sku,description,quantity,marketplace,account type,fulfillment,order city,"
    "order state,order postal,tax collection model,product sales,product sales tax,shipping credits,shipping credits tax,"
    "gift wrap credits,giftwrap credits tax,Regulatory Fee,Tax On Regulatory Fee,promotional rebates,"
    "promotional rebates tax,marketplace withheld tax,selling fees,fba fees,other transaction fees,other,total"
)
DE = (
    "Datum/Uhrzeit,Abrechnungsnummer,Typ,Bestellnummer,SKU,Beschreibung,Menge,Marketplace,Versand,Ort der Bestellung,"
    "Bundesland,Postleitzahl,Steuererhebungsmodell,Umsätze,Produktumsatzsteuer,Gutschrift für Versandkosten,"
    "Steuer auf Versandgutschrift,Gutschrift für Geschenkverpackung,Steuer auf Geschenkverpackungsgutschriften,"
    "Rabatte aus Werbeaktionen,Steuer auf Aktionsrabatte,Einbehaltene Steuer auf Marketplace,Verkaufsgebühren,"
    "Gebühren zu Versand durch Amazon,Andere Transaktionsgebühren,Andere,Gesamt"
)
JP = (
    "日付/時間,決済番号,トランザクションの種類,注文番号,SKU,説明,数量,Amazon 出品サービス,フルフィルメント,市町村,都道府県,郵便番号,税金徴収型,"
    "商品売上,商品の売上税,配送料,配送料の税金,ギフト包装手数料,ギフト包装クレジットの税金,Amazonポイントの費用,プロモーション割引額,"
    "プロモーション割引の税金,源泉徴収税を伴うマーケットプレイス,手数料,FBA 手数料,トランザクションに関するその他の手数料,その他,合計,"
    "トランザクションのステータス,トランザクション開始日"
)
ES = (
    "fecha y hora,identificador de pago,tipo,número de pedido,sku,descripción,cantidad,web de Amazon,gestión logística,"
    "ciudad de procedencia del pedido,comunidad autónoma de procedencia del pedido,"
    "código postal de procedencia del pedido,Formulario de recaudación de impuestos,ventas de productos,"
    "impuesto de ventas de productos,abonos de envío,impuestos por abonos de envío,abonos de envoltorio para regalo,"
    "impuestos por abonos de envoltorio para regalo,devoluciones promocionales,impuestos de descuentos por promociones,"
    "impuesto retenido en el sitio web,tarifas de venta,tarifas de Logística de Amazon,tarifas de otras transacciones,"
    "otro,total"
)
FR = (
    "date/heure,numéro de versement,type,numéro de la commande,sku,description,quantité,Marketplace,traitement,"
    "ville d'où provient la commande,Région d'où provient la commande,code postal de la commande,"
    "Modèle de perception des taxes,ventes de produits,Taxes sur la vente des produits,crédits d'expédition,"
    "taxe sur les crédits d’expédition,crédits sur l'emballage cadeau,Taxes sur les crédits cadeaux,Rabais promotionnels,"
    "Taxes sur les remises promotionnelles,Taxes retenues sur le site de vente,frais de vente,Frais Expédié par Amazon,"
    "autres frais de transaction,autre,total"
)
IT = (
    "Data/Ora:,Numero pagamento,Tipo,Numero ordine,SKU,Descrizione,Quantità,Marketplace,Gestione,"
    "Città di provenienza dell'ordine,Provincia di provenienza dell'ordine,CAP dell'ordine,"
    "modello di riscossione delle imposte,Vendite,imposta sulle vendite dei prodotti,Accrediti per le spedizioni,"
    "imposta accrediti per le spedizioni,Accrediti per confezioni regalo,imposta sui crediti confezione regalo,"
    "Sconti promozionali,imposta sugli sconti promozionali,trattenuta IVA del marketplace,Commissioni di vendita,"
    "Costi del servizio Logistica di Amazon,Altri costi relativi alle transazioni,Altro,totale"
)
NL = (
    "datum/tijd,schikkings-ID,type,bestelnummer,sku,beschrijving,aantal,marketplace,fulfillment,bestelling stad,"
    "status bestelling,bestelling per post,verkoop van producten,Verzendtegoeden,kredietpunten cadeauverpakking,"
    "promotiekortingen,geïnde omzetbelasting,Belasting voor marketplace-facilitator,verkoopkosten,fba-vergoedingen,"
    "overige transactiekosten,overige,totaal"
)
NOTES = '"Includes Amazon Marketplace, Fulfillment by Amazon (FBA), and Amazon Webstore transactions"\n'
ENGLISH = {column.name: (column.name, *column.aliases) for column in TRANSACTIONS.columns}
ORDER = {
    "date/time": "Sep 3, 2026 8:45:12 PM PDT",
    "settlement id": "18800000001",
    "type": "Order",
    "order id": "112-0000001-0000001",
    "sku": "SER",
    "quantity": "2",
    "marketplace": "amazon.com",
    "product sales": "20.00",
    "total": "20.00",
}
OTHER = {"order id": "", "sku": "", "quantity": "", "marketplace": "", "product sales": "0"}
KINDS = {row["platform_type"]: row for row in code_list("amazon", "kinds")}
DETAILS = {row["description"]: row for row in code_list("amazon", "details")}
MONTHS = {row["month_name"]: row for row in code_list("amazon", "months")}
MARKETPLACES = {row["marketplace"]: row for row in code_list("amazon", "marketplaces")}


def text_of(*rows: Mapping[str, str], header: str = US, notes: int = 7) -> str:
    """Text of a report: notes, the header in a language, rows by their English columns over a plain order."""
    names = header.split(",")
    english = {name: key for name in names for key, spellings in ENGLISH.items() if name in spellings}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    writer.writerows([{**ORDER, **row}.get(english[name], "") for name in names] for row in rows)
    return NOTES * notes + out.getvalue()


def read(*rows: Mapping[str, str], header: str = US) -> Translated:
    return translated(CaseFile(text_of(*rows, header=header), "transactions.csv"))


WHOLE = {
    "product sales tax": "1.50",
    "shipping credits": "5.99",
    "shipping credits tax": "0.45",
    "promotional rebates": "-5.99",
    "promotional rebates tax": "-0.45",
    "marketplace withheld tax": "-1.50",
    "selling fees": "-3.00",
    "fba fees": "-3.91",
    "other transaction fees": "-0.10",
    "total": "12.99",
}


def test_an_order_is_what_its_row_says() -> None:
    found = read(WHOLE)
    assert (found.formats, found.rejects) == ({"transactions.csv": "amazon_transactions"}, {})
    found.shows(
        "orders",
        """
        order_key                  | order_id            | shop     | placed_at           | placed_is_estimated | currency | fulfilment_state
        amazon:112-0000001-0000001 | 112-0000001-0000001 | our shop | 2026-09-04 11:45:12 | yes                 | USD      | shipped
    """,
    )
    found.shows(
        "order_lines",
        """
        line_id         | sku_id | quantity | unit_price_minor | goods_minor | discount_merchant_minor | shipping_minor | tax_minor | paid_minor
        SER:18800000001 | SER    | 2        | 1000             | 2000        | 599                     | 599            | 150       | 2150
    """,
    )
    found.shows("discounts", "line_id | funder | amount_minor\nSER:18800000001 | merchant | 599")
    found.shows("taxes", "line_id | amount_minor | remitted_by\nSER:18800000001 | 150 | marketplace")
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code      | order_part | amount_minor | platform_item                    | settlement_id
        order_income |               | goods      | 2000         | Order/product sales              | 18800000001
        order_income |               | shipping   | 599          | Order/shipping credits           | 18800000001
        order_income |               | tax        | 150          | Order/product sales tax          | 18800000001
        order_income |               | goods      | -599         | Order/promotional rebates        | 18800000001
        tax_withheld |               |            | -150         | Order/marketplace withheld tax   | 18800000001
        fee          | commission    |            | -300         | Order/selling fees               | 18800000001
        fee          | logistics_fee |            | -391         | Order/fba fees                   | 18800000001
        fee          | other_fee     |            | -10          | Order/other transaction fees     | 18800000001
    """,
    )


def test_a_refund_turns_the_signs_and_changes_no_order() -> None:
    refund = {
        "type": "Refund",
        "product sales": "-10.00",
        "product sales tax": "-0.75",
        "promotional rebates": "1.00",
        "marketplace withheld tax": "0.75",
        "selling fees": "1.23",
        "total": "-7.77",
    }
    found = read({}, refund)
    assert found.rejects == {}
    found.shows("order_lines", "goods_minor | paid_minor | quantity\n2000 | 2000 | 2")
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code   | amount_minor | order_part
        order_income |            | 2000         | goods
        order_refund |            | -1000        | goods
        order_refund |            | -75          | tax
        order_refund |            | 100          | goods
        tax_withheld |            | 75           |
        fee          | commission | 123          |
    """,
    )


def test_charges_and_transfers_are_one_line_of_their_total() -> None:
    found = read(
        {},
        {
            **OTHER,
            "type": "Service Fee",
            "description": "Cost of Advertising",
            "other transaction fees": "-12.00",
            "total": "-12.00",
        },
        {**OTHER, "type": "Service Fee", "description": "Subscription", "other": "-39.99", "total": "-39.99"},
        {**OTHER, "type": "Service Fee", "description": "Some new service", "other": "-1.00", "total": "-1.00"},
        {**OTHER, "type": "FBA Inventory Fee", "description": "FBA storage fee", "other": "-7.00", "total": "-7.00"},
        {
            **OTHER,
            "type": "Adjustment",
            "description": "FBA Inventory Reimbursement - Lost:Warehouse",
            "other": "8.54",
            "total": "8.54",
        },
        {**OTHER, "type": "Adjustment", "description": "Other", "other": "0.50", "total": "0.50"},
        {
            **OTHER,
            "type": "Transfer",
            "description": "To account ending with: 123",
            "total": "-900.00",
            "other": "-900.00",
        },
    )
    assert found.rejects == {}
    found.shows(
        "settlement_lines",
        """
        kind         | fee_code         | amount_minor | platform_item
        order_income |                  | 2000         | Order/product sales
        ad_spend     |                  | -1200        | Service Fee/Service Fee
        fee          | subscription_fee | -3999        | Service Fee/Service Fee
        fee          | service_fee      | -100         | Service Fee/Service Fee
        fee          | storage_fee      | -700         | FBA Inventory Fee/FBA Inventory Fee
        compensation |                  | 854          | Adjustment/Adjustment
        adjustment   |                  | 50           | Adjustment/Adjustment
        withdrawal   |                  | -90000       | Transfer/Transfer
    """,
    )


LANGUAGES = {
    "de": (DE, "Bestellung", "03.09.2026 22:20:17 UTC", "amazon.de", "1.234,50", "EUR", 123450),
    "fr": (FR, "Commande", "3 sept. 2026 22:20:17 UTC", "amazon.fr", "1 234,50", "EUR", 123450),
    "fr, blanks that do not break": (
        FR,
        "Commande",
        "3 sept. 2026 22:20:17 UTC",
        "amazon.fr",
        "1\u202f234,50",
        "EUR",
        123450,
    ),
    "it": (IT, "Ordine", "3 set 2026 22.20.17 UTC", "amazon.it", "1.234,5", "EUR", 123450),
    "es": (ES, "Pedido", "3 sept 2026 22:20:17 UTC", "amazon.es", "1.234,50", "EUR", 123450),
    "nl": (NL, "Bestelling", "3 sep. 2026 22:20:17 UTC", "amazon.nl", "1.234,50", "EUR", 123450),
    "uk": (US, "Order", "3 Sep 2026 22:20:17 UTC", "amazon.co.uk", "1,234.50", "GBP", 123450),
    "ca": (US, "Order", "Sep 3, 2026 3:20:17 p.m. PDT", "amazon.ca", "1,234.50", "CAD", 123450),
    "au": (US, "Order", "4 September 2026 7:20:17 am GMT+9", "amazon.com.au", "1,234.50", "AUD", 123450),
    "jp": (JP, "注文", "2026/09/04 7:20:17 JST", "amazon.co.jp", "1,234", "JPY", 1234),
    "jp, zone without a blank": (JP, "注文", "2026/09/04 07:20:17JST", "amazon.co.jp", "1234", "JPY", 1234),
    "with an offset": (US, "Order", "2026-09-03T15:20:17-07:00", "amazon.com", "1234.5", "USD", 123450),
    "br": (US, "Order", "3 de sep. de 2026 15:20:17 GMT-7", "amazon.com.br", "1.234,50", "BRL", 123450),
}


@pytest.mark.parametrize("case", LANGUAGES)
def test_every_language_says_the_same(case: str) -> None:
    header, kind, time, marketplace, amount, currency, minor = LANGUAGES[case]
    found = read(
        {"type": kind, "date/time": time, "marketplace": marketplace, "product sales": amount, "total": amount},
        header=header,
    )
    assert (found.formats, found.rejects) == ({"transactions.csv": "amazon_transactions"}, {})
    beijing = "2026-09-04 06:20:17"
    found.shows(
        "settlement_lines",
        f"kind | currency | amount_minor | booked_at\norder_income | {currency} | {minor} | {beijing}",
    )


@pytest.mark.parametrize(
    ("time", "beijing"),
    [
        ("Sep 3, 2026 12:00:05 AM PDT", "2026-09-03 15:00:05"),
        ("Sep 3, 2026 12:00:05 PM PDT", "2026-09-04 03:00:05"),
        ("Jan 3, 2026 11:59:59 PM PST", "2026-01-04 15:59:59"),
    ],
)
def test_midnight_and_noon_are_told_apart(time: str, beijing: str) -> None:
    read({"date/time": time}).shows("settlement_lines", f"booked_at\n{beijing}")


ZONES = {
    "UTC": "12",
    "GMT": "12",
    "Z": "12",
    "PST": "20",
    "PDT": "19",
    "JST": "03",
    "BST": "11",
    "CET": "11",
    "CEST": "10",
    "AEST": "02",
    "AEDT": "01",
}
"""Noon in a zone, as an hour of UTC."""


def test_every_zone_is_as_far_from_utc_as_its_name_says() -> None:
    found = read(
        *(
            {"date/time": f"15 Sep 2026 12:00:00 {zone}", "order id": f"111-{at:07}-0000001"}
            for at, zone in enumerate(ZONES)
        )
    )
    assert found.rejects == {}
    hours = {row["order_id"]: str(row["booked_at"])[11:13] for row in found.tables["settlement_lines"]}
    assert [hours[f"111-{at:07}-0000001"] for at in range(len(ZONES))] == list(ZONES.values())


@pytest.fixture(scope="module")
def every_month() -> Translated:
    return read(*({"date/time": f"15 {month} 2026 04:00:00 UTC"} for month in MONTHS))


@pytest.mark.parametrize("month", MONTHS)
def test_every_month_is_known(every_month: Translated, month: str) -> None:
    number = int(MONTHS[month]["number"])
    row = row_of(MONTHS, month) + 7
    every_month.shows("settlement_lines", f"booked_at\n2026-{number:02d}-15 12:00:00", row=row)


RELEASED = f"{US},Transaction Status,Transaction Release Date"


def test_a_row_is_money_when_it_is_released_and_not_while_it_is_deferred() -> None:
    found = read(
        {"Transaction Status": "Deferred", "settlement id": ""},
        {
            "order id": "112-0000001-0000002",
            "Transaction Status": "Released",
            "Transaction Release Date": "Sep 20, 2026 1:00:00 AM PDT",
        },
        {"order id": "112-0000001-0000003", "Transaction Status": "Halted"},
        header=RELEASED,
    )
    assert found.rejects == {"11": "unknown_code:Transaction Status:Halted"}
    found.shows("orders", "order_id | placed_at\n112-0000001-0000002 | 2026-09-20 16:00:00")
    found.shows("settlement_lines", "order_id | booked_at\n112-0000001-0000002 | 2026-09-20 16:00:00")


REFUSED = [
    ({"total": "20.01"}, "inconsistent_amount:total"),
    ({"gift wrap credits": "1.00"}, "inconsistent_amount:total"),
    ({"product sales": "2O.00"}, "bad_money:product sales"),
    ({"selling fees": "1.234"}, "bad_money:selling fees"),
    ({"total": "x"}, "bad_money:total"),
    ({"type": ""}, "missing_value:type"),
    ({"type": "Gift"}, "unknown_code:type:Gift"),
    ({"marketplace": "amazon.moon"}, "unknown_code:marketplace:amazon.moon"),
    ({"date/time": "soon"}, "bad_time:date/time"),
    ({"date/time": "09/03/2026 10:00:00 UTC"}, "bad_time:date/time"),
    ({"date/time": "Sep 3, 2026 8:45:12 PM"}, "bad_time:date/time"),
    ({"date/time": "Sep 3, 2026 8:45:12 PM IST"}, "bad_time:date/time"),
    ({"date/time": "31.02.2026 00:00:00 UTC"}, "bad_time:date/time"),
    ({"settlement id": ""}, "bad_id:settlement id"),
    ({"order id": ""}, "bad_id:order id"),
    ({"quantity": ""}, "bad_number:quantity"),
    ({"quantity": "1.5"}, "bad_number:quantity"),
]


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED))


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[f"{cells} {reason}" for cells, reason in REFUSED])
def test_a_row_that_is_not_understood_waits_in_quarantine(refused: Translated, number: int) -> None:
    row = number + 9
    assert refused.rejects[str(row)] == REFUSED[number][1]
    assert refused.is_empty(row=row)


def test_a_row_without_a_marketplace_is_in_the_currency_of_the_only_one_of_the_file() -> None:
    fee = {**OTHER, "type": "Service Fee", "other": "-1.00", "total": "-1.00"}
    read({}, fee).shows("settlement_lines", "amount_minor | currency\n2000 | USD\n-100 | USD")
    two = read({}, {"marketplace": "amazon.ca"}, fee)
    assert list(two.rejects.values()) == ["missing_value:marketplace"]
    assert list(read(fee).rejects.values()) == ["missing_value:marketplace"]


@pytest.fixture(scope="module")
def every_marketplace() -> Translated:
    names = (marketplace.replace("amazon", "Amazon") for marketplace in MARKETPLACES)
    return read(*({"marketplace": name, "product sales": "20", "total": "20"} for name in names))


@pytest.mark.parametrize("marketplace", MARKETPLACES)
def test_every_marketplace_has_its_currency(every_marketplace: Translated, marketplace: str) -> None:
    row = row_of(MARKETPLACES, marketplace) + 7
    every_marketplace.shows("settlement_lines", f"currency\n{MARKETPLACES[marketplace]['currency']}", row=row)


def test_an_order_of_another_sales_channel_is_no_order_of_this_one() -> None:
    found = read(
        {},
        {
            **OTHER,
            "type": "Order",
            "order id": "S01-0000001-0000001",
            "marketplace": "Non-Amazon US",
            "fba fees": "-6.00",
            "total": "-6.00",
        },
    )
    assert found.rejects == {}
    found.shows("orders", "order_id\n112-0000001-0000001")


@pytest.fixture(scope="module")
def every_kind() -> Translated:
    return read(
        *(
            {
                "type": kind,
                "order id": f"112-0000001-{number:07d}",
                "other": "3.00",
                "product sales": "0",
                "total": "3.00",
            }
            for number, kind in enumerate(KINDS)
        )
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_has_its_kind(every_kind: Translated, kind: str) -> None:
    row = row_of(KINDS, kind) + 7
    every_kind.shows("settlement_lines", f"kind | fee_code\n{KINDS[kind]['kind']} | {KINDS[kind]['fee_code']}", row=row)


@pytest.fixture(scope="module")
def every_detail() -> Translated:
    plain = {**OTHER, "type": "Service Fee", "marketplace": "amazon.com", "other": "-3.00", "total": "-3.00"}
    return read(*({**plain, "description": f"{detail} - more"} for detail in DETAILS))


@pytest.mark.parametrize("detail", DETAILS)
def test_every_known_description_has_its_kind(every_detail: Translated, detail: str) -> None:
    wanted = f"{DETAILS[detail]['kind']} | {DETAILS[detail]['fee_code']} | -300"
    row = row_of(DETAILS, detail) + 7
    every_detail.shows("settlement_lines", f"kind | fee_code | amount_minor\n{wanted}", row=row)


def test_no_description_begins_with_another_one() -> None:
    assert [(one, other) for one in DETAILS for other in DETAILS if one != other and one.startswith(other)] == []


def test_the_same_row_twice_is_two_rows_and_the_same_report_twice_is_one(tmp_path: Path) -> None:
    found = imported(
        tmp_path, [CaseFile(text_of({}, {}), "one.csv")], [CaseFile(text_of({}, {}, notes=6), "again.csv")]
    )
    found.shows("order_lines", "quantity | goods_minor\n4 | 4000")
    found.shows("settlement_lines", "amount_minor\n2000\n2000")


def test_a_settlement_that_is_also_imported_as_settlement_report_is_seen_by_its_total(tmp_path: Path) -> None:
    from tests.connectors.amazon.test_amazon_settlement import text_of as settlement_of

    found: Imported = imported(
        tmp_path, [CaseFile(text_of({}), "range.csv")], [CaseFile(settlement_of({}), "settlement.txt")]
    )
    seen = [row["amount_minor"] for row in found.rows("exceptions") if row["kind"] == "settlement_total"]
    assert seen == [-2000]
