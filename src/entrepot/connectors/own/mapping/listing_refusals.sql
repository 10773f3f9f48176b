select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(listing_kind as varchar) as listing_kind,
    cast(listing_id as varchar) as listing_id,
    cast(sku_id as varchar) as sku_id,
    cast(decided_at as timestamptz) as decided_at,
    cast(decided_by as varchar) as decided_by,
    cast(reason as varchar) as reason,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(decided_at, null, exported_at, 0, raw_id, row_no) as varchar) as version
from own_listing_map
where decision = 'refused'
