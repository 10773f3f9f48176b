select
    cast('xiaohongshu:' || coalesce(shop, '') || ':' || listing_id || ':' || variant_id as varchar) as listing_key,
    cast('xiaohongshu' as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(listing_id as varchar) as listing_id,
    cast(variant_id as varchar) as variant_id,
    cast(sku_code as varchar) as sku_id,
    cast(title as varchar) as title,
    cast(gtin as varchar) as gtin,
    cast('CNY' as varchar) as currency,
    cast(price_minor as bigint) as price_minor,
    cast(state as varchar) as state,
    cast(buyable as varchar) as platform_state,
    cast(units as bigint) as listed_units,
    cast(modified_at as timestamptz) as changed_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, 0, raw_id, row_no) as varchar) as version
from xiaohongshu_live_skus
