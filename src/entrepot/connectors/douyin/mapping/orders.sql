-- One row per order of an order export. Money stays on the lines. The state is that of the sub-order that is least far
-- among those not closed; the order is confirmed once every sub-order that was not closed is.
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
told as (
    select raw_id, row_no, order_id, shop, exported_at, first_placed_at as month_at, newest_at, state_rank,
        order_kind, status, payment_state, commercial_state, fulfilment_state, 'none' as customs_state,
        first_placed_at as placed_at, false as placed_is_estimated, first_paid_at as paid_at,
        first_shipped_at as shipped_at, case when waiting = 0 then last_confirmed_at end as confirmed_at, refunds_minor
    from placed
    where place = 1
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
