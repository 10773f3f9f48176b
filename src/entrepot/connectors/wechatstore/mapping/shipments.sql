with opened as (
    select order_id, placed_at, shipped_at, modified_at, exported_at, state_rank, raw_id, row_no, unnest(parcels) as p from wechatstore_live_orders
),
parcels as (
    select order_id, placed_at, shipped_at, modified_at, exported_at, state_rank, raw_id, row_no, p.waybill_id || '' as tracking_no, p.delivery_id || '' as carrier
    from opened
)
select
    cast('wechatstore:' || order_id as varchar) as order_key,
    cast('wechatstore' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(tracking_no as varchar) as shipment_id,
    cast(min(carrier) as varchar) as carrier,
    cast(shipped_at as timestamptz) as shipped_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parcels
where tracking_no is not null
group by order_id, placed_at, shipped_at, modified_at, exported_at, state_rank, raw_id, row_no, tracking_no
