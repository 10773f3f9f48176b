with opened as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shop, unnest(lines) as l from youzan_live_orders
),
texts as (
    select
        order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shop, l.oid || '' as line_id, l.item_id || '' as listing_id,
        l.sku_id || '' as variant_id, l.outer_sku_id || '' as sku_code, l.outer_item_id || '' as spu_code, l.title || '' as title,
        l.num || '' as counted, l.price || '' as price
    from opened
),
cells as (
    select *, minor_from_decimal(counted, 0) as quantity, minor_from_decimal(price, 2) as unit_price_minor from texts
)
select
    cast('youzan:' || order_id as varchar) as order_key,
    cast('youzan' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(listing_id as varchar) as listing_id,
    cast(variant_id as varchar) as variant_id,
    cast(coalesce(sku_code, spu_code) as varchar) as sku_id,
    cast(spu_code as varchar) as spu_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast('CNY' as varchar) as currency,
    cast(unit_price_minor as bigint) as unit_price_minor,
    cast(product_exact(unit_price_minor, quantity) as bigint) as goods_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from cells
