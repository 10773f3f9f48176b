-- A line is an article in one variant, numbered by it and, where one stands twice, by counting.
with opened as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shop, unnest(products) as p from wechatstore_live_orders
),
texts as (
    select
        order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shop, p.sku_id || '' as variant_id, p.product_id || '' as listing_id,
        p.sku_code || '' as sku_code, p.title || '' as title, p.sku_cnt || '' as counted, p.sale_price || '' as price
    from opened
),
cells as (
    select *,
        row_number() over (partition by raw_id, row_no, variant_id order by counted, price, coalesce(title, '')) as twin,
        minor_from_decimal(counted, 0) as quantity, minor_from_decimal(price, 0) as unit_price_minor
    from texts
)
select
    cast('wechatstore:' || order_id as varchar) as order_key,
    cast('wechatstore' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(variant_id || case when twin > 1 then '-' || cast(twin as varchar) else '' end as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(listing_id as varchar) as listing_id,
    cast(variant_id as varchar) as variant_id,
    cast(sku_code as varchar) as sku_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast('CNY' as varchar) as currency,
    cast(unit_price_minor as bigint) as unit_price_minor,
    cast(product_exact(unit_price_minor, quantity) as bigint) as goods_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from cells
