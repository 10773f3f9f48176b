-- The export names no discount: what settlement takes off the goods is the merchant's, what payment takes off beyond
-- the balance is the platform's.
with parts as (
    select raw_id, row_no, order_id, placed_at, paid_at, confirmed_at, exported_at, state_rank,
           'merchant' as funder, merchant_minor as amount_minor
    from jd_orders
    union all
    select raw_id, row_no, order_id, placed_at, paid_at, confirmed_at, exported_at, state_rank,
           'platform' as funder, platform_minor as amount_minor
    from jd_orders
)
select
    cast('jd:' || order_id as varchar) as order_key,
    cast('jd' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('' as varchar) as line_id,
    cast(funder as varchar) as funder,
    cast('promotion' as varchar) as kind,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(case when funder = 'platform' then 'settled' end as varchar) as settled_through,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, greatest(placed_at, coalesce(paid_at, placed_at), coalesce(confirmed_at, placed_at)),
                     exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts
qualify row_number() over (partition by raw_id, order_id, funder order by state_rank desc, row_no) = 1
