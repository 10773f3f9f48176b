-- One row per order of a file. Its money stays on the lines. The state is that of the sub-order that is least far among
-- those not closed; the order is confirmed once every sub-order that was not closed is.
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
)
select
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(first_placed_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(order_kind as varchar) as order_kind,
    cast(status as varchar) as platform_status,
    cast(payment_state as varchar) as payment_state,
    cast(commercial_state as varchar) as commercial_state,
    cast(fulfilment_state as varchar) as fulfilment_state,
    cast('none' as varchar) as customs_state,
    cast(first_placed_at as timestamptz) as placed_at,
    cast(false as boolean) as placed_is_estimated,
    cast(first_paid_at as timestamptz) as paid_at,
    cast(first_shipped_at as timestamptz) as shipped_at,
    cast(case when waiting = 0 then last_confirmed_at end as timestamptz) as confirmed_at,
    cast('CNY' as varchar) as currency,
    cast(refunds_minor as bigint) as refund_stated_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, newest_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from placed
where place = 1
