-- Sub-orders closed after payment: their whole amount went back before settlement.
select
    cast('douyin:' || line_id || ':closed' as varchar) as statement_id,
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(line_id as varchar) as order_line_id,
    cast('before_settlement' as varchar) as stage,
    cast('CNY' as varchar) as currency,
    cast(case when is_closed then coalesce(refund_minor, 0) else 0 end as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, greatest(placed_at, coalesce(paid_at, placed_at), coalesce(shipped_at, placed_at), coalesce(confirmed_at, placed_at)),
                     exported_at, state_rank, raw_id, row_no) as varchar) as version
from douyin_orders
