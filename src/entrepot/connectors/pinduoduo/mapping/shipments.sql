select
    cast('pinduoduo:' || order_id as varchar) as order_key,
    cast('pinduoduo' as varchar) as channel,
    cast(month as varchar) as month,
    cast(tracking_no as varchar) as shipment_id,
    cast(carrier as varchar) as carrier,
    cast(shipped_at as timestamptz) as shipped_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, greatest(placed_at, coalesce(shipped_at, placed_at), coalesce(confirmed_at, placed_at)),
                     exported_at, state_rank, raw_id, row_no) as varchar) as version
from pinduoduo_orders
where tracking_no is not null
