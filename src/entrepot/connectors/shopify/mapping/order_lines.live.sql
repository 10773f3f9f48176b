with opened as (
    select order_key, order_id, shop, currency, digits, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, unnest(lines) as l
    from shopify_live_orders
),
cells as (
    select
        order_key, order_id, shop, currency, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
        regexp_extract(l.gid || '', '[0-9]+\z', 0) as line_id, regexp_extract(l.product || '', '[0-9]+\z', 0) as listing_id,
        regexp_extract(l.variant || '', '[0-9]+\z', 0) as variant_id, l.sku as sku_id,
        concat_ws(' - ', l.title, l.variant_title) as title,
        minor_from_decimal(l.quantity || '', 0) as quantity, minor_from_decimal(l.price || '', digits) as unit_price_minor
    from opened
)
select
    cast(order_key as varchar) as order_key,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(nullif(listing_id, '') as varchar) as listing_id,
    cast(nullif(variant_id, '') as varchar) as variant_id,
    cast(sku_id as varchar) as sku_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast(currency as varchar) as currency,
    cast(unit_price_minor as bigint) as unit_price_minor,
    cast(product_exact(unit_price_minor, quantity) as bigint) as goods_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from cells
