-- What the settlement says was refunded before it. The row holds nothing else: the rest of the order comes from the
-- order export, field by field.
with refunded as (
    select raw_id, order_id, min(shop) as shop, min(placed_at) as placed_at, max(booked_at) as booked_at,
        min(exported_at) as exported_at, min(row_no) as row_no, sum_exact(refund_before_minor) as refund_minor
    from douyin_settlement
    where document_kind = 'settled' and refund_before_minor <> 0
    group by raw_id, order_id
)
select
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast('CNY' as varchar) as currency,
    cast(refund_minor as bigint) as refund_stated_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from refunded
