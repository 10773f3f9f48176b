"""Facts about JD, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="jd",
    title={"zh": "京东", "en": "JD"},
    source="seller-centre order export and wallet statement of POP shops, headers read 2026-11",
    sale_model="domestic_pop",
    recognition="confirmed",
    business_zone="Asia/Shanghai",
    gaps={
        "bills by API": not_yet("orders, cases and listings are pulled so far; advertising is Jingzhuntong's"),
        "why a listing is off": not_yet(
            "the state of its product is told by another method, which is still to be read"
        ),
        "stock by warehouse": not_yet("of a SKU the sum is read, as the shop offers it"),
        "late changes of cases by API": not_offered(
            "lists of cases are by time of application: a cancellation is asked for again for 14 days, a service for 30"
        ),
        "withdrawn services by API": not_offered("the list of services tells whether money went back, and no more"),
        "money of cancellations by API": not_offered("the list ends with the platform's approval of the refund"),
        "parcels by API": not_yet("how several parcels stand in one field is not known yet"),
        "exchanges and presale by API": not_yet("the numbers of these kinds of orders are not known yet"),
        "customs states": not_yet("the words of a declaration's states are not known yet"),
        "shipping instant in files": not_offered("neither file has it; the API has"),
        "parent and child orders in files": not_offered("the export has no column for the order that was split"),
        "settlement detail": not_yet("the workbook with 应结金额 and 到账时间 is still to be read"),
        "reduced order detail": not_yet("the workbook with 商家应收 and 商家SKUID is still to be read"),
        "composite tax of JD Worldwide in files": not_offered("the order export has no column for it"),
        "wallet balance": not_offered("the statement prints no running balance"),
    },
)
