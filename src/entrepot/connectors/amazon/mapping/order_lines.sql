-- One line per item and settlement, so that an order posted in two settlements adds up. Freight that a promotion takes
-- off was not charged: it lowers the freight, not the price of the goods.
with settled as (
    select * from amazon_settlement union all select * from amazon_settlement_v1
),
parts as (
    select *,
        case when part = 'goods' then amount_minor else 0 end as goods_part,
        case when part = 'goods' then quantity else 0 end as quantity_part,
        case when part = 'shipping' then amount_minor else 0 end as shipping_part,
        case when part = 'tax' then amount_minor else 0 end as tax_part,
        case when part = 'discount' then -amount_minor else 0 end as discount_part
    from settled where part is not null and order_key is not null
),
lines as (
    select raw_id, order_key, order_id, shop, settlement_id, item, currency, exported_at, opened_at, max(sku_id) as sku_id,
        sum_exact(quantity_part) as quantity, sum_exact(goods_part) as goods_minor, sum_exact(shipping_part) as shipping_minor,
        sum_exact(tax_part) as tax_minor, sum_exact(discount_part) as discount_minor, sum_exact(amount_minor) as paid_minor,
        min(booked_at) as booked_at, min(row_no) as row_no
    from parts
    group by raw_id, order_key, order_id, shop, settlement_id, item, currency, exported_at, opened_at
)
select
    cast(order_key as varchar) as order_key,
    cast('amazon' as varchar) as channel,
    cast(coalesce(month_in_utc(opened_at), 'all') as varchar) as month,
    cast(item || ':' || settlement_id as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(sku_id as varchar) as sku_id,
    cast(quantity as bigint) as quantity,
    cast(currency as varchar) as currency,
    cast(case when quantity > 0 and goods_minor % nullif(quantity, 0) = 0 then goods_minor // nullif(quantity, 0) end as bigint) as unit_price_minor,
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
