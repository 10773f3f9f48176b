select
    cast(order_key as varchar) as order_key,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(sku_id as varchar) as sku_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast(currency as varchar) as currency,
    cast(unit_price_minor as bigint) as unit_price_minor,
    cast(product_exact(unit_price_minor, quantity) as bigint) as goods_minor,
    cast(true as boolean) as is_unnumbered,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, event_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from shopify_orders
where has_line
