-- One row per order of an order export, and one per order of a settlement that was refunded before it. The second holds
-- the refund and nothing else; the two are sources of their own and are merged field by field.
--
-- Of the export: money stays on the lines. The state is that of the sub-order that is least far among those not closed;
-- the order is confirmed once every sub-order that was not closed is.
-- Of the settlement: stated are all refunds of the order, so those after settlement that stand in the same file are
-- added to those before; their rows repeat the amount before settlement.
with placed as (
    select *,
        row_number() over (partition by raw_id, order_id
                           order by is_closed, commercial_state = 'cancelled_unpaid', state_rank, row_no) as place,
        min(placed_at) over (partition by raw_id, order_id) as first_placed_at,
        min(paid_at) over (partition by raw_id, order_id) as first_paid_at,
        min(shipped_at) over (partition by raw_id, order_id) as first_shipped_at,
        max(case when not is_closed then confirmed_at end) over (partition by raw_id, order_id) as last_confirmed_at,
        sum_exact(case when not is_closed and confirmed_at is null then 1 else 0 end) over (partition by raw_id, order_id) as waiting,
        sum_exact(refund_minor) over (partition by raw_id, order_id) as refunds_minor,
        max(greatest(placed_at, coalesce(paid_at, placed_at), coalesce(shipped_at, placed_at), coalesce(confirmed_at, placed_at)))
            over (partition by raw_id, order_id) as newest_at
    from douyin_orders
),
sub_orders as (
    select raw_id, order_id, sub_order_id, min(shop) as shop, min(placed_at) as placed_at, max(booked_at) as booked_at,
        min(exported_at) as exported_at, min(row_no) as row_no, max(abs(refund_before_minor)) as before_minor,
        sum_exact(case when document_kind = 'refund' then -settled_minor else 0 end) as after_minor
    from douyin_settlement
    group by raw_id, order_id, sub_order_id
),
refunded as (
    select raw_id, order_id, min(shop) as shop, min(placed_at) as placed_at, max(booked_at) as booked_at,
        min(exported_at) as exported_at, min(row_no) as row_no, sum_exact(before_minor) as before_minor,
        sum_exact(after_minor) as after_minor
    from sub_orders
    group by raw_id, order_id
),
told as (
    select raw_id, row_no, order_id, shop, exported_at, first_placed_at as month_at, newest_at, state_rank,
        order_kind, status, payment_state, commercial_state, fulfilment_state, 'none' as customs_state,
        first_placed_at as placed_at, false as placed_is_estimated, first_paid_at as paid_at,
        first_shipped_at as shipped_at, case when waiting = 0 then last_confirmed_at end as confirmed_at, refunds_minor
    from placed
    where place = 1
    union all
    select raw_id, row_no, order_id, shop, exported_at, placed_at as month_at, booked_at as newest_at, 0 as state_rank,
        null as order_kind, null as status, null as payment_state, null as commercial_state, null as fulfilment_state,
        null as customs_state, null as placed_at, null as placed_is_estimated, null as paid_at,
        null as shipped_at, null as confirmed_at, before_minor + after_minor as refunds_minor
    from refunded
    where before_minor > 0
)
select
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(month_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(order_kind as varchar) as order_kind,
    cast(status as varchar) as platform_status,
    cast(payment_state as varchar) as payment_state,
    cast(commercial_state as varchar) as commercial_state,
    cast(fulfilment_state as varchar) as fulfilment_state,
    cast(customs_state as varchar) as customs_state,
    cast(placed_at as timestamptz) as placed_at,
    cast(placed_is_estimated as boolean) as placed_is_estimated,
    cast(paid_at as timestamptz) as paid_at,
    cast(shipped_at as timestamptz) as shipped_at,
    cast(confirmed_at as timestamptz) as confirmed_at,
    cast('CNY' as varchar) as currency,
    cast(refunds_minor as bigint) as refund_stated_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, newest_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from told
