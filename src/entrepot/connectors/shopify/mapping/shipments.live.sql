with opened as (
    select order_key, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, unnest(parcels) as b
    from shopify_live_orders
),
cells as (
    select order_key, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, b.tracking as tracking, b.gid || '' as gid,
           instant_from_offset(b.created_at || '') as shipped_at, instant_from_offset(b.delivered_at || '') as delivered_at,
           coalesce(b.status, 'SUCCESS') in ('CANCELLED', 'ERROR', 'FAILURE') as is_void
    from opened
),
tracked as (
    select order_key, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shipped_at, delivered_at, unnest(tracking) as t
    from cells where not is_void
),
numbers as (
    select order_key, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shipped_at, delivered_at,
           t.number as shipment_id, t.company as carrier
    from tracked
),
parcels as (
    select order_key, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shipment_id,
           min(carrier) as carrier, min(shipped_at) as shipped_at, max(delivered_at) as delivered_at
    from numbers where shipment_id is not null
    group by order_key, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shipment_id
)
select
    cast(order_key as varchar) as order_key,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast(shipment_id as varchar) as shipment_id,
    cast(carrier as varchar) as carrier,
    cast(shipped_at as timestamptz) as shipped_at,
    cast(delivered_at as timestamptz) as delivered_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parcels
