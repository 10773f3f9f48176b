-- As orders.sql: what the report posts of an order was shipped, and the row that posts first gives its times.
select
    cast(a.order_key as varchar) as order_key,
    cast('amazon' as varchar) as channel,
    cast('all' as varchar) as month,
    cast(a.shop as varchar) as shop,
    cast(a.order_id as varchar) as order_id,
    cast('sale' as varchar) as order_kind,
    cast(s.payment_state as varchar) as payment_state,
    cast(s.commercial_state as varchar) as commercial_state,
    cast(s.fulfilment_state as varchar) as fulfilment_state,
    cast('none' as varchar) as customs_state,
    cast(a.booked_at as timestamptz) as placed_at,
    cast(true as boolean) as placed_is_estimated,
    cast(a.booked_at as timestamptz) as paid_at,
    cast(a.currency as varchar) as currency,
    cast(a.raw_id as varchar) as raw_id,
    cast(a.row_no as bigint) as row_no,
    cast('00000000000000|' || lpad(cast(99999999999999 - cast(instant_digits(a.booked_at) as bigint) as varchar), 14, '0')
         || substr(row_version(null, null, a.exported_at, 0, a.raw_id, a.row_no), 30) as varchar) as version
from amazon_transactions as a cross join amazon_status as s
where a.role = 'order' and a.is_released and s.status = 'Shipped' and a.order_key is not null
qualify row_number() over (partition by a.raw_id, a.order_id order by a.booked_at, a.row_no) = 1
