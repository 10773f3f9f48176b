select
    cast('xiaohongshu:' || order_id as varchar) as order_key,
    cast('xiaohongshu' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(tracking_no as varchar) as shipment_id,
    cast(carrier as varchar) as carrier,
    cast(shipped_at as timestamptz) as shipped_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from xiaohongshu_live_orders
where tracking_no is not null
