-- An order holds one article, so its line needs no number of its own.
select
    cast('kuaishou:' || order_id as varchar) as order_key,
    cast('kuaishou' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('1' as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(listing_id as varchar) as listing_id,
    cast(variant_id as varchar) as variant_id,
    cast(sku_code as varchar) as sku_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast('CNY' as varchar) as currency,
    cast(unit_price_minor as bigint) as unit_price_minor,
    cast(goods_minor as bigint) as goods_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from kuaishou_live_orders
