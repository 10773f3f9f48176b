-- One row per order of an export. Money stands on the lines; every row of an order repeats its state and its times.
select
    cast('xiaohongshu:' || order_id as varchar) as order_key,
    cast('xiaohongshu' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(order_kind as varchar) as order_kind,
    cast(status as varchar) as platform_status,
    cast(payment_state as varchar) as payment_state,
    cast(commercial_state as varchar) as commercial_state,
    cast(fulfilment_state as varchar) as fulfilment_state,
    cast('none' as varchar) as customs_state,
    cast(placed_at as timestamptz) as placed_at,
    cast(paid_at as timestamptz) as paid_at,
    cast(shipped_at as timestamptz) as shipped_at,
    cast(case when not is_closed then confirmed_at end as timestamptz) as confirmed_at,
    cast('CNY' as varchar) as currency,
    cast(sum_exact(refund_minor) over (partition by raw_id, order_id) as bigint) as refund_stated_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, newest_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from xiaohongshu_orders
qualify row_number() over (partition by raw_id, order_id order by row_no) = 1
