"""Facts about WeChat Pay, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="wechatpay",
    title={"zh": "微信支付", "en": "WeChat Pay"},
    source="description of the trade bill and the fund flow by WeChat Pay, and published bills; read 2026-11",
    sale_model="own_shop",
    recognition="shipped",
    serves="own_shop",
    gaps={
        "operating and fee accounts by API": not_yet("the fund flow of the basic account is fetched"),
        "signatures of answers": not_yet("calls are signed and bills checked by their digest, answers are not"),
        "refunds of prepaid balance": not_yet("the bill RECHARGE_REFUND is still to be read"),
        "other currencies": not_yet("bills of merchants outside China have more columns"),
        "merchant number in the fund flow": not_offered("the fund flow does not name the merchant account"),
        "end of a refund": not_offered("a bill is a snapshot; the state of a refund is not brought up to date"),
    },
)
