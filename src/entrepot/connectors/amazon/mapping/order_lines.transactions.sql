-- One line per item and settlement, as in order_lines.sql. The report does not say whether a rebate is on goods or on
-- freight: it counts as one on goods.
with lines as (
    select raw_id, order_key, order_id, shop, settlement_id, item, currency, exported_at, max(sku_id) as sku_id,
        sum_exact(quantity) as quantity, sum_exact(sales_amount) as goods_minor, sum_exact(freight_amount) as shipping_minor,
        sum_exact(tax_amount) as tax_minor, sum_exact(-rebates_amount) as discount_minor,
        sum_exact(sales_amount + freight_amount + tax_amount + rebates_amount) as paid_minor,
        min(booked_at) as booked_at, min(row_no) as row_no
    from amazon_transactions where role = 'order' and is_released and order_key is not null
    group by raw_id, order_key, order_id, shop, settlement_id, item, currency, exported_at
)
select
    cast(order_key as varchar) as order_key,
    cast('amazon' as varchar) as channel,
    cast('all' as varchar) as month,
    cast(item || ':' || settlement_id as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(sku_id as varchar) as sku_id,
    cast(quantity as bigint) as quantity,
    cast(currency as varchar) as currency,
    cast(case when quantity > 0 and goods_minor % quantity = 0 then goods_minor // quantity end as bigint) as unit_price_minor,
    cast(goods_minor as bigint) as goods_minor,
    cast(discount_minor as bigint) as discount_merchant_minor,
    cast(shipping_minor as bigint) as shipping_minor,
    cast(tax_minor as bigint) as tax_minor,
    cast(paid_minor as bigint) as paid_minor,
    cast(true as boolean) as is_unnumbered,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from lines
