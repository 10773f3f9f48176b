with parts as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'merchant' as funder, 'promotion' as kind, item_off_minor as amount_minor
    from youzan_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'merchant' as funder, 'coupon' as kind, order_off_minor as amount_minor
    from youzan_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'merchant' as funder, 'price_change' as kind, change_minor as amount_minor
    from youzan_live_orders
)
select
    cast('youzan:' || order_id as varchar) as order_key,
    cast('youzan' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('' as varchar) as line_id,
    cast(funder as varchar) as funder,
    cast(kind as varchar) as kind,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts
