with parts as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'merchant' as funder, 'promotion' as kind, merchant_minor as amount_minor
    from wechatstore_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'merchant' as funder, 'price_change' as kind, change_minor as amount_minor
    from wechatstore_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'talent' as funder, 'promotion' as kind, talent_minor as amount_minor
    from wechatstore_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'platform' as funder, 'coupon' as kind, platform_minor as amount_minor
    from wechatstore_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'government' as funder, 'subsidy' as kind, government_minor as amount_minor
    from wechatstore_live_orders
)
select
    cast('wechatstore:' || order_id as varchar) as order_key,
    cast('wechatstore' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('' as varchar) as line_id,
    cast(funder as varchar) as funder,
    cast(kind as varchar) as kind,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(case when funder <> 'merchant' then 'settled' end as varchar) as settled_through,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts
