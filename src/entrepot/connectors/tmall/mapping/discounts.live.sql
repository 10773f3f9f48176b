with parts as (
    select order_id, placed_at, version, raw_id, row_no,
           'merchant' as funder, 'promotion' as kind, merchant_minor as amount_minor
    from tmall_live_trades
    union all
    select order_id, placed_at, version, raw_id, row_no,
           'platform' as funder, 'coupon' as kind, platform_minor as amount_minor
    from tmall_live_trades
)
select
    cast('tmall:' || order_id as varchar) as order_key,
    cast('tmall' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('' as varchar) as line_id,
    cast(funder as varchar) as funder,
    cast(kind as varchar) as kind,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(case when funder = 'platform' then 'settled' end as varchar) as settled_through,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(version as varchar) as version
from parts
