-- What the settlement says was refunded before it; rows of refunds after settlement repeat the amount.
select
    cast('douyin:' || sub_order_id || ':before' as varchar) as statement_id,
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(min(coalesce(placed_at, booked_at))) as varchar) as month,
    cast(sub_order_id as varchar) as order_line_id,
    cast('before_settlement' as varchar) as stage,
    cast('CNY' as varchar) as currency,
    cast(max(abs(refund_before_minor)) as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(min(row_no) as bigint) as row_no,
    cast(row_version(null, max(booked_at), max(exported_at), 0, raw_id, min(row_no)) as varchar) as version
from douyin_settlement
group by raw_id, order_id, sub_order_id
