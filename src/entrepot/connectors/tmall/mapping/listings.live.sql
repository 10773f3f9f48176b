-- One row per SKU, and one for a product without any. What was taken off whole is off for each SKU.
with opened as (
    select listing_id, shop, title, approve_status, item_code, state, modified_at, exported_at, raw_id, row_no, unnest(skus) as s
    from tmall_live_items
),
offers as (
    select
        listing_id, shop, title, approve_status, state, modified_at, exported_at, raw_id, row_no, s.sku_id || '' as variant_id,
        coalesce(s.outer_id, item_code) as sku_code, s.barcode as gtin,
        fen_from_yuan(s.price || '') as price_minor, minor_from_decimal(coalesce(s.quantity, '0') || '', 0) as units
    from opened
    union all
    select
        listing_id, shop, title, approve_status, state, modified_at, exported_at, raw_id, row_no, null as variant_id,
        item_code as sku_code, item_gtin as gtin, price_minor, units
    from tmall_live_items where coalesce(array_length(skus), 0) = 0
)
select
    cast('tmall:' || coalesce(shop, '') || ':' || listing_id || ':' || coalesce(variant_id, '') as varchar) as listing_key,
    cast('tmall' as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(listing_id as varchar) as listing_id,
    cast(variant_id as varchar) as variant_id,
    cast(sku_code as varchar) as sku_id,
    cast(title as varchar) as title,
    cast(gtin as varchar) as gtin,
    cast('CNY' as varchar) as currency,
    cast(price_minor as bigint) as price_minor,
    cast(case when state = 'on_sale' and units = 0 then 'sold_out' else state end as varchar) as state,
    cast(approve_status as varchar) as platform_state,
    cast(units as bigint) as listed_units,
    cast(modified_at as timestamptz) as changed_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, 0, raw_id, row_no) as varchar) as version
from offers
