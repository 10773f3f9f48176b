-- One row per SKU. A SKU is on sale where its product is and it is itself.
with opened as (
    select listing_id, shop, title, status, goods_code, state, exported_at, raw_id, row_no, unnest(skus) as s
    from pinduoduo_live_goods where state <> 'deleted'
),
offers as (
    select
        listing_id, shop, title, status, exported_at, raw_id, row_no, s.sku_id || '' as variant_id,
        coalesce(s.outer_id, goods_code) as sku_code, minor_from_decimal(coalesce(s.multi_price, s.price) || '', 0) as price_minor,
        minor_from_decimal(coalesce(s.quantity, '0') || '', 0) as units,
        case when state = 'on_sale' and s.is_onsale = '0' then 'off_shelf' else state end as state
    from opened
)
select
    cast('pinduoduo:' || coalesce(shop, '') || ':' || listing_id || ':' || variant_id as varchar) as listing_key,
    cast('pinduoduo' as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(listing_id as varchar) as listing_id,
    cast(variant_id as varchar) as variant_id,
    cast(sku_code as varchar) as sku_id,
    cast(title as varchar) as title,
    cast('CNY' as varchar) as currency,
    cast(price_minor as bigint) as price_minor,
    cast(case when state = 'on_sale' and units <= 0 then 'sold_out' else state end as varchar) as state,
    cast(status as varchar) as platform_state,
    cast(units as bigint) as listed_units,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, null, exported_at, 0, raw_id, row_no) as varchar) as version
from offers
