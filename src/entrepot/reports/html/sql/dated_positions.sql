-- Orders for the bridge with their day where their shop stands, so that the bridge's own query gives it per day and each
-- day is translated at its own rate: the day revenue is recognised, else the day (UTC) the order was placed.
with last_day as (select max(accounting_date) as as_of from ledger_entries)
select
    cast(p.order_key as varchar) as order_key,
    cast(p.channel as varchar) as channel,
    cast(coalesce(p.recognised_on, cast(o.placed_at as date), d.as_of) as varchar) as shop,
    cast(p.currency as varchar) as currency,
    cast(p.goods_minor as bigint) as goods_minor,
    cast(p.shipping_minor as bigint) as shipping_minor,
    cast(p.tax_minor as bigint) as tax_minor,
    cast(p.discount_merchant_minor as bigint) as discount_merchant_minor,
    cast(p.discount_platform_minor as bigint) as discount_platform_minor,
    cast(p.discount_other_minor as bigint) as discount_other_minor,
    cast(p.paid_minor as bigint) as paid_minor,
    cast(p.third_party_minor as bigint) as third_party_minor,
    cast(p.state as varchar) as state,
    cast(p.recognised_at as timestamptz) as recognised_at,
    cast(p.refunded_minor as bigint) as refunded_minor,
    cast(p.is_paid as boolean) as is_paid
from dated_order_positions as p
cross join last_day as d
left join orders as o on p.order_key = o.order_key
