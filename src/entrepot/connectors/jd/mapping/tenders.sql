select
    cast('jd:' || order_id as varchar) as order_key,
    cast('jd' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('balance' as varchar) as kind,
    cast('platform' as varchar) as issuer,
    cast('CNY' as varchar) as currency,
    cast(tender_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, greatest(placed_at, coalesce(paid_at, placed_at), coalesce(confirmed_at, placed_at)),
                     exported_at, state_rank, raw_id, row_no) as varchar) as version
from jd_orders
qualify row_number() over (partition by raw_id, order_id order by state_rank desc, row_no) = 1
