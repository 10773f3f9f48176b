-- Declared orders: money stands on the lines, the order's is their sum.
select
    cast('{FORMAT}:' || order_id as varchar) as order_key,
    cast({CHANNEL} as varchar) as channel,
    cast(month_in_utc(min(placed_at)) as varchar) as month,
    cast(max(shop) as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast('sale' as varchar) as order_kind,
    cast(max(state_word) as varchar) as platform_status,
    cast(case when max(paid_minor) > 0 then 'captured' else 'unpaid' end as varchar) as payment_state,
    cast(coalesce(max(commercial_state), 'open') as varchar) as commercial_state,
    cast(case when max(shipped_at) is not null then 'shipped' else 'unallocated' end as varchar) as fulfilment_state,
    cast('none' as varchar) as customs_state,
    cast(min(placed_at) as timestamptz) as placed_at,
    cast(false as boolean) as placed_is_estimated,
    cast(max(paid_at) as timestamptz) as paid_at,
    cast(max(shipped_at) as timestamptz) as shipped_at,
    cast(max(confirmed_at) as timestamptz) as confirmed_at,
    cast(max(currency) as varchar) as currency,
    cast(sum_exact(refunded_minor) as bigint) as refund_stated_minor,
    cast(person_key(max(k.k_inner), max(k.k_outer), {CHANNEL} || '|' || coalesce(max(buyer), order_id)) as varchar) as buyer_key,
    cast(raw_id as varchar) as raw_id,
    cast(min(row_no) as bigint) as row_no,
    cast(row_version(null, greatest(min(placed_at), coalesce(max(paid_at), min(placed_at)), coalesce(max(shipped_at), min(placed_at)),
                                    coalesce(max(confirmed_at), min(placed_at))),
                     max(exported_at), 0, raw_id, min(row_no)) as varchar) as version
from {FORMAT} cross join person_pads as k
group by order_id, raw_id
