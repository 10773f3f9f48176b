-- The money of an order stands on its lines. As in files, an order has no month of its own.
select
    cast(order_key as varchar) as order_key,
    cast('amazon' as varchar) as channel,
    cast('all' as varchar) as month,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(replaced_id as varchar) as parent_order_id,
    cast(order_kind as varchar) as order_kind,
    cast(status as varchar) as platform_status,
    cast(payment_state as varchar) as payment_state,
    cast(commercial_state as varchar) as commercial_state,
    cast(fulfilment_state as varchar) as fulfilment_state,
    cast('none' as varchar) as customs_state,
    cast(placed_at as timestamptz) as placed_at,
    cast(false as boolean) as placed_is_estimated,
    cast(paid_at as timestamptz) as paid_at,
    cast(closed_at as timestamptz) as closed_at,
    cast(modified_at as timestamptz) as modified_at,
    cast(currency as varchar) as currency,
    cast(person_key(k.k_inner, k.k_outer, 'amazon|' || buyer) as varchar) as buyer_key,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, 0, raw_id, row_no) as varchar) as version
from amazon_live_orders cross join person_pads as k
where order_key is not null
