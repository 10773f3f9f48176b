with parts as (
    select *, 'merchant' as funder, merchant_minor as part_minor from {FORMAT}
    union all
    select *, 'platform' as funder, platform_minor as part_minor from {FORMAT}
)
select
    cast('{FORMAT}:' || order_id as varchar) as order_key,
    cast({CHANNEL} as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast(funder as varchar) as funder,
    cast('promotion' as varchar) as kind,
    cast(currency as varchar) as currency,
    cast(part_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, greatest(placed_at, coalesce(paid_at, placed_at), coalesce(shipped_at, placed_at)),
                     exported_at, 0, raw_id, row_no) as varchar) as version
from parts
