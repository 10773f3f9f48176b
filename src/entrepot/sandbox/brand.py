"""The sample brand: its entities, shops, wallet and articles. All of it is invented."""

from __future__ import annotations

from entrepot.sandbox.clock import BEIJING
from entrepot.sandbox.facts import Cost, Entity, Shop, Sku

BRAND, BRAND_EN = "屿浔", "Yuxun"
COST_CHANGE = "2026-09-15"
"""From this day some articles cost more."""

ENTITIES = (
    Entity("cn-shanghai", "CN", "CNY"),
    Entity("hk-trading", "HK", "HKD"),
    Entity("us-inc", "US", "USD"),
    Entity("de-gmbh", "DE", "EUR"),
)

TMALL = Shop("tmall", "屿浔旗舰店", "cn-shanghai", "domestic_pop", BEIJING, "CNY", "tmall", True, True)
JD = Shop("jd", "10215487", "cn-shanghai", "domestic_pop", BEIJING, "CNY", "jd", True, True)
PDD = Shop("pinduoduo", "pdd-yuxun", "cn-shanghai", "domestic_pop", BEIJING, "CNY", "pdd", True, True)
DOUYIN = Shop("douyin", "douyin-yuxun", "cn-shanghai", "domestic_pop", BEIJING, "CNY", "douyin", True, True)
DOUYIN_GLOBAL = Shop(
    "douyin",
    "douyin-yuxun-global",
    "hk-trading",
    "cross_border_bonded_1210",
    BEIJING,
    "CNY",
    "douyin-global",
    False,
    True,
)
SHOPIFY_US = Shop("shopify", "shopify-us", "us-inc", "own_shop", "America/New_York", "USD", "shopify-us", False, False)
SHOPIFY_EU = Shop("shopify", "shopify-eu", "de-gmbh", "own_shop", "Europe/Berlin", "EUR", "shopify-eu", False, False)
AMAZON_US = Shop(
    "amazon",
    "amazon-us",
    "us-inc",
    "marketplace_facilitator",
    "America/Los_Angeles",
    "USD",
    "amazon-us",
    False,
    False,
)
MINI = Shop("own_shop", "mini-yuxun", "cn-shanghai", "own_shop", BEIJING, "CNY", "own-shop", True, False)

SHOPS = (TMALL, JD, PDD, DOUYIN, DOUYIN_GLOBAL, SHOPIFY_US, SHOPIFY_EU, AMAZON_US, MINI)
LISTS_FOLDER = "brand"
"""Folder of the files that belong to no shop: the SKU list and the advertising."""

WALLET, WALLET_ACCOUNT = "alipay-yuxun", "20880000000000000156"

# sku, product, Chinese name, English name, category, price in fen, cost in fen, net weight, shelf life in
# days
_ARTICLES = (
    ("YX-SER-30", "YX-SER", "屿浔水光精华液30ml", "Dew Serum 30 ml", "skincare", 25900, 5210, 95, 1095),
    ("YX-SER-50", "YX-SER", "屿浔水光精华液50ml", "Dew Serum 50 ml", "skincare", 36900, 7480, 130, 1095),
    ("YX-CRM-50", "YX-CRM", "屿浔修护面霜50g", "Repair Cream 50 g", "skincare", 21900, 4175, 150, 1095),
    ("YX-CRM-15", "YX-CRM", "屿浔修护面霜15g", "Repair Cream 15 g", "skincare", 7900, 1530, 60, 1095),
    ("YX-TON-200", "YX-TON", "屿浔海藻化妆水200ml", "Kelp Toner 200 ml", "skincare", 15800, 2960, 260, 1095),
    ("YX-MSK-05", "YX-MSK", "屿浔补水面膜5片", "Hydra Mask 5 pcs", "skincare", 6900, 1240, 180, 730),
    ("YX-MSK-20", "YX-MSK", "屿浔补水面膜20片", "Hydra Mask 20 pcs", "skincare", 19900, 4410, 690, 730),
    ("YX-CLN-120", "YX-CLN", "屿浔氨基酸洁面120g", "Amino Cleanser 120 g", "skincare", 9900, 1865, 150, 1095),
    ("YX-SUN-40", "YX-SUN", "屿浔防晒乳SPF50 40ml", "Sun Milk 40 ml", "skincare", 12900, 2390, 70, 730),
    ("YX-EYE-15", "YX-EYE", "屿浔紧致眼霜15g", "Firm Eye Cream 15 g", "skincare", 22900, 4020, 60, 1095),
    ("YX-LIP-01", "YX-LIP", "屿浔唇膏01豆沙", "Lipstick 01 Rosewood", "make-up", 11900, 1985, 30, 1095),
    ("YX-LIP-02", "YX-LIP", "屿浔唇膏02枫红", "Lipstick 02 Maple", "make-up", 11900, 1985, 30, 1095),
    ("YX-LIP-03", "YX-LIP", "屿浔唇膏03奶茶", "Lipstick 03 Milk Tea", "make-up", 11900, 2010, 30, 1095),
    ("YX-CUS-N1", "YX-CUS", "屿浔气垫N1", "Cushion N1", "make-up", 18900, 3755, 85, 1095),
    ("YX-CUS-N2", "YX-CUS", "屿浔气垫N2", "Cushion N2", "make-up", 18900, 3755, 85, 1095),
    ("YX-RMV-300", "YX-RMV", "屿浔卸妆水300ml", "Micellar Water 300 ml", "skincare", 8900, 1415, 330, 1095),
    ("YX-HND-30", "YX-HND", "屿浔护手霜30g", "Hand Cream 30 g", "body", 3900, 655, 45, 1095),
    ("YX-HND-75", "YX-HND", "屿浔护手霜75g", "Hand Cream 75 g", "body", 6800, 1090, 95, 1095),
    ("YX-BDY-400", "YX-BDY", "屿浔身体乳400ml", "Body Lotion 400 ml", "body", 8800, 1620, 450, 1095),
    ("YX-SHP-500", "YX-SHP", "屿浔洗发水500ml", "Shampoo 500 ml", "hair", 7900, 1435, 560, 1095),
    ("YX-CND-500", "YX-CND", "屿浔护发素500ml", "Conditioner 500 ml", "hair", 7900, 1460, 560, 1095),
    ("YX-OIL-50", "YX-OIL", "屿浔护发精油50ml", "Hair Oil 50 ml", "hair", 9900, 1790, 120, 1095),
    ("YX-CDL-180", "YX-CDL", "屿浔香薰蜡烛180g", "Scented Candle 180 g", "household", 16800, 3310, 420, None),
    (
        "YX-DIF-120",
        "YX-DIF",
        "屿浔藤条香薰120ml",
        "Reed Diffuser 120 ml",
        "household",
        19800,
        3905,
        380,
        None,
    ),
    ("YX-LND-20", "YX-LND", "屿浔洗衣凝珠20颗", "Laundry Pods 20 pcs", "household", 4900, 1105, 360, 730),
    ("YX-TWL-02", "YX-TWL", "屿浔棉毛巾2条", "Cotton Towels 2 pcs", "household", 5900, 1720, 300, None),
    ("YX-TEA-10", "YX-TEA", "屿浔花草茶10包", "Herbal Tea 10 bags", "food", 4500, 985, 60, 540),
    ("YX-OAT-300", "YX-OAT", "屿浔燕麦片300g", "Rolled Oats 300 g", "food", 3600, 890, 320, 365),
    ("YX-KIT-A", "YX-KIT", "屿浔旅行套装A", "Travel Kit A", "skincare", 12800, 0, 210, 1095),
    ("YX-GFT-26", "YX-GFT", "屿浔中秋礼盒2026", "Mid-Autumn Box 2026", "skincare", 45900, 0, 980, 730),
)
_NINE_PERCENT = ("YX-TEA-10", "YX-OAT-300")
_COST_RISES = ("YX-SER-30", "YX-SER-50", "YX-MSK-05", "YX-MSK-20", "YX-LIP-01", "YX-CDL-180", "YX-TEA-10")
_COST_IN_EURO = {"YX-DIF-120": 498, "YX-OIL-50": 229}
_NOT_LISTED = "YX-GFT-26"
_NO_VAT_RATE = "YX-LND-20"
_HS = {
    "skincare": "3304990000",
    "make-up": "3304100000",
    "body": "3304990000",
    "hair": "3305900000",
    "household": "3406000000",
    "food": "2106909090",
}


def _costs(sku_id: str, cost_fen: int) -> tuple[Cost, ...]:
    if sku_id in _COST_IN_EURO:
        return (Cost("2026-01-01", _COST_IN_EURO[sku_id], "EUR"),)
    if not cost_fen:
        return ()
    first = Cost("2026-01-01", cost_fen, "CNY")
    if sku_id in _COST_RISES:
        return (first, Cost(COST_CHANGE, cost_fen + cost_fen * 8 // 100, "CNY"))
    return (first,)


def articles() -> tuple[Sku, ...]:
    """The brand's thirty articles.

    Two have no cost: `YX-KIT-A` stands in the SKU list with an empty cost, `YX-GFT-26` is missing from the
    list. One has no VAT rate, two are taxed at nine percent, seven cost more from `COST_CHANGE` on, and two
    are bought in euro.
    """
    made = []
    for sku_id, spu, name, name_en, category, price, cost, weight, shelf_life in _ARTICLES:
        rate: int | None = 900 if sku_id in _NINE_PERCENT else 1300
        if sku_id in (_NOT_LISTED, _NO_VAT_RATE):
            rate = None
        abroad = price // 600 * 100
        made.append(
            Sku(
                sku_id=sku_id,
                spu=spu,
                name=name,
                name_en=name_en,
                category=category,
                prices={"CNY": price, "USD": abroad + 99, "EUR": abroad + 95},
                vat_bp=rate,
                costs=_costs(sku_id, cost),
                hs_code=_HS[category],
                net_weight_g=weight,
                shelf_life_days=shelf_life,
                listed=sku_id != _NOT_LISTED,
            )
        )
    return tuple(made)
