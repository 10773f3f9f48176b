-- Points of the shop's own members.
select
    cast('wechatstore:' || order_id as varchar) as order_key,
    cast('wechatstore' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('points' as varchar) as kind,
    cast('merchant' as varchar) as issuer,
    cast('CNY' as varchar) as currency,
    cast(points_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from wechatstore_live_orders
