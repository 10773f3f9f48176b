with opened as (
    select order_id, placed_at, version, raw_id, row_no, unnest(lines) as l
    from tmall_live_trades
),
cells as (
    select order_id, placed_at, version, raw_id, row_no,
           l.invoice_no as tracking_no, l.logistics_company as carrier,
           instant_from_beijing(l.consign_time) as shipped_at
    from opened
),
parcels as (
    select order_id, placed_at, version, raw_id, row_no, tracking_no,
           min(carrier) as carrier, min(shipped_at) as shipped_at
    from cells where tracking_no is not null
    group by order_id, placed_at, version, raw_id, row_no, tracking_no
)
select
    cast('tmall:' || order_id as varchar) as order_key,
    cast('tmall' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(tracking_no as varchar) as shipment_id,
    cast(carrier as varchar) as carrier,
    cast(shipped_at as timestamptz) as shipped_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(version as varchar) as version
from parcels
